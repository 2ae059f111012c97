#!/usr/bin/env bash
# Local differential privacy, with real processes: each update leaves its edge with noise, and the edge counts what that
# tells, through kills with -9; one with a limit of its own declines what would exceed it, also after a new start.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

spent() { "$godwit" privacy spent "state-$1"; }
updates() { spent "$1" | awk '$1 == "updates" { sum += $2 } END { print sum + 0 }'; }
epsilon() { spent "$1" | awk '$1 == "epsilon" { print $2 }'; }
reports() { if [ -f run/rounds.jsonl ]; then grep -c "\"client\":\"$1\",\"outcome\":\"reported\"" run/rounds.jsonl || true; else echo 0; fi; }
takes_part() { is_over server || [ "$(reports edge-02)" -gt "$1" ]; }

ROUNDS=20 EPOCHS=60 DEADLINE=10s lay_out 3
sed -i 's/^job:$/job:\n  local_privacy: {mechanism: gaussian, clip_norm: 0.5, noise_multiplier: 20}/' server.yml
refuses 'job.federated_evaluate_every' "$godwit" config check server.yml
sed -i 's/federated_evaluate_every: 1/federated_evaluate_every: 0/' server.yml
refuses 'job.selection' "$godwit" config check server.yml --set job.selection=by_size
refuses 'job.local_privacy.clip_norm' "$godwit" config check server.yml --set job.local_privacy.clip_norm=-1
refuses 'job.local_privacy.noise_multiplier' "$godwit" config check server.yml --set job.local_privacy.noise_multiplier=1e9
start_server
strict=(--set update_limit.demand=required --set update_limit.epsilon=1)
start_edge edge-01 "${strict[@]}"
start_edge edge-02
start_edge edge-03
for pause in 0.05 0.3 0.17; do
  until_true 30 "edge-02 is in another round" takes_part "$(reports edge-02)"
  is_over server && break
  pause "$pause"
  stop edge-02
  [ "$(updates edge-02)" -ge "$(reports edge-02)" ] || fail "edge-02 has updates that nothing was charged for"
  start_edge edge-02
done
until_true 30 "edge-01 has reached its limit" grep -q 'budget is spent' edge-01.log
stop edge-01
at_limit=$(epsilon edge-01)
start_edge edge-01 "${strict[@]}"
until_true 90 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
unset 'pids[server]'
for edge in edge-01 edge-02 edge-03; do stop "$edge"; done

for edge in edge-01 edge-02 edge-03; do
  echo "$edge: $(reports "$edge") counted, $(updates "$edge") told, epsilon $(epsilon "$edge")"
  [ "$(updates "$edge")" -ge "$(reports "$edge")" ] || fail "$edge has updates that nothing was charged for"
done
[ "$(epsilon edge-01)" = "$at_limit" ] || fail "edge-01 has told more after it was started again"
awk -v e="$at_limit" 'BEGIN { exit !(e > 0.5 && e <= 1) }' || fail "edge-01 has told $at_limit, and its limit was 1"
grep -q '"client":"edge-01","outcome":"declined: this edge.s privacy budget is spent' run/rounds.jsonl ||
  fail "the server does not say why edge-01 declined"
if grep -o '"outcome":"reported"[^}]*' run/rounds.jsonl | grep -qv '"example_count":1,"loss":null'; then
  fail "an edge's own loss, or how many examples it has, was written down"
fi
"$godwit" inspect state-edge-02 | grep -q '^updates  *told with an epsilon of' || fail "inspect does not say what was told"

# The same in one process, with noise of the other law: twice the same bits, and the cost of Laplace updates is their sum.
cat > job.yml <<YML
kind: simulation
seed: 5
data: {source: synthetic, alpha: 0.5, beta: 0.5}
partition: {scheme: natural, clients: 0}
job:
  model: softmax
  rounds: 3
  round: {cohort: 30, cohort_min: 20, over_selection: 1.0}
  local_privacy: {mechanism: laplace, clip_norm: 1, noise_multiplier: 4}
YML
for out in one two; do "$godwit" simulate --config job.yml --set out="$out" > "$out.log" 2>&1 || fail "the simulation failed"; done
cmp -s one/model.safetensors two/model.safetensors || fail "the same simulation gave other bits"
grep -q 'privacy.update_told.*epsilon=1.5 ' one.log || fail "three updates of 2 / 4 each do not cost 1.5"
echo "passed"
