#!/usr/bin/env bash
# One of two trustees states another opening than it should, in a replicated sum of real processes: the round is
# abandoned, says why, and no model is made of what was opened.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

ROUNDS=1 EPOCHS=1 DEADLINE=30s lay_out 3
"$godwit" keys trustee --folder keys clinic union > /dev/null
sed -i 's/^job:$/job:\n  shared_sum: {scheme: replicated, trustees: clinic union}/
        s/federated_evaluate_every: 1/federated_evaluate_every: 0/' server.yml
start_server
cat > clinic.yml <<YML
server: ${listen%:*}:$(port)
tls: {certificate: keys/clinic.pem, key: keys/clinic.key, authority: keys/ca.pem}
state: state-clinic
YML
"$godwit" trustee --config clinic.yml >> clinic.log 2>&1 &
pids[clinic]=$!
"$(dirname "$godwit")/lying_trustee" "${listen%:*}" "$(port)" keys/union.pem keys/union.key keys/ca.pem state-union >> union.log 2>&1 &
pids[union]=$!
for edge in edge-01 edge-02 edge-03; do start_edge "$edge" --set secure_sum=required; done
until_true 60 "a round ends" has_rounds 1
json outcome run/rounds.jsonl | head -n 1 | grep -q '^abandoned: .*openings_differ' ||
  fail "a tampered sum was released, or the round does not say why it was not: $(cat run/rounds.jsonl)"
! grep -q 'sum.opened' server.log || fail "a sum was opened"
echo "passed"
