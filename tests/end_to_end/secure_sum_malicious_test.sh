#!/usr/bin/env bash
# Secure rounds that trust the server with nothing: edges prove their keys by their certificates, sign their masked vectors
# and who is in the sum. Eight edges, of which one is killed behind its shares and does not come back; the server is killed
# with -9 in the middle of its words and goes on, as does an edge. An edge that asks for this declines a weaker round; one
# with a certificate that the others cannot check does not start so.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

has() { grep -q "$2" "$1.log"; }
count() { grep -l "$1" edge-*.log 2>/dev/null | wc -l; }
at_least() { [ "$(count "$1")" -ge "$2" ]; }
restart_server() {
  stop server
  cat server.log >> all.log
  : > server.log
  start_server
}

ROUNDS=3 EPOCHS=400 DEADLINE=40s lay_out 8
sed -i 's/^job:$/job:\n  secure_sum: {profile: malicious, dropping: 0.2}/; s/federated_evaluate_every: 1/federated_evaluate_every: 0/
        s/cohort_min: 2/cohort_min: 6/' server.yml
edges=() && for i in $(seq -w 8); do edges+=("edge-0$i"); done
start_server
keep_port
for edge in "${edges[@]}"; do start_edge "$edge" --set secure_sum=malicious; done

until_true 60 "all have shared" at_least secure_sum.shared 8
restart_server # while they train
stop "${edges[7]}"
stop "${edges[6]}"
start_edge "${edges[6]}" --set secure_sum=malicious
until_true 60 "a vector is counted" grep -q 'update.counted' "${edges[0]}.log"
restart_server
until_true 60 "survivors are signed" at_least secure_sum.agreed 1
restart_server
until_true 60 "the first round ends" has_rounds 1
until_true 120 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
cat server.log >> all.log
[ "$(json outcome run/rounds.jsonl | grep -c '^committed$')" = 3 ] || fail "a round was abandoned: $(cat run/rounds.jsonl)"
[ "$(json reporters run/rounds.jsonl | sort -n | head -n 1)" -ge 6 ] || fail "a round went on with fewer than six"
[ "$(count secure_sum.agreed)" -ge 7 ] || fail "somebody did not sign who was in the sum"
! grep -q 'secure_sum.\(refused\|lost\)' edge-*.log || fail "a part was lost: $(grep -h 'secure_sum.\(refused\|lost\)' edge-*.log)"
for edge in "${edges[@]}"; do [ -z "${pids[$edge]:-}" ] || stop "$edge"; done

# A server that may be trusted less than these edges ask for gets nothing of them.
rm -rf state state-edge-* run server.log
sed -i 's/profile: malicious/profile: semi_honest/' server.yml
start_server
for edge in "${edges[@]}"; do : > "$edge.log"; start_edge "$edge" --set secure_sum=malicious; done
until_true 60 "the weaker round is declined by all" at_least secure_sum.refused 8
stop server

# The authority is one that none of the evidence can be checked by.
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=other -days 2 2> /dev/null
sed -i 's#authority: keys/ca.pem#authority: other.pem#' "${edges[0]}.yml"
! "$godwit" edge --config "${edges[0]}.yml" --set secure_sum=malicious > refused.log 2>&1 || fail "an edge started that can check nobody"
grep -q 'other.pem' refused.log || fail "it does not say why: $(cat refused.log)"
echo "passed"
