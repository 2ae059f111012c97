#!/usr/bin/env bash
# Single examples are hidden, with real processes: edges train by DP-SGD and count what they tell, through kills with -9;
# one with a limit of its own declines what would exceed it, also after a new start, and the server says why.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

spent() { "$godwit" privacy spent "state-$1"; }
steps() { spent "$1" | awk '$1 == "steps" { sum += $2 } END { print sum + 0 }'; }
epsilon() { spent "$1" | awk '$1 == "epsilon" { print $2 }'; }
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 <= b + 0) }'; }
reports() { grep -c "\"client\":\"$1\",\"outcome\":\"reported\"" run/rounds.jsonl || true; }

ROUNDS=24 EPOCHS=8 DEADLINE=10s lay_out 3
sed -i 's/^job:$/job:\n  example_privacy: {mechanism: gaussian, clip_norm: 0.5, noise_multiplier: 2}/' server.yml
refuses 'job.federated_evaluate_every' "$godwit" config check server.yml
sed -i 's/federated_evaluate_every: 1/federated_evaluate_every: 0/' server.yml
refuses 'job.example_privacy.clip_norm' "$godwit" config check server.yml --set job.example_privacy.clip_norm=0
refuses 'job.example_privacy.noise_multiplier' "$godwit" config check server.yml --set job.example_privacy.noise_multiplier=nan
start_server
lay_out_edge edge-01
refuses 'example_limit.epsilon' "$godwit" edge --config edge-01.yml --set example_limit.demand=required --set example_limit.epsilon=0
refuses 'example_limit.delta is 0.05' "$godwit" edge --config edge-01.yml --set example_limit.demand=required \
  --set example_limit.delta=0.05

# One edge has a limit that a few rounds reach; one is killed again and again.
strict=(--set example_limit.demand=required --set "example_limit.epsilon=${LIMIT:-0.6}")
start_edge edge-01 "${strict[@]}"
start_edge edge-02
start_edge edge-03
before=0
for pause in 0.05 0.31 0.17 0.43; do
  rounds=$(reports edge-02)
  until_true 30 "edge-02 is in another round" eval "has_rounds 1 && [ \"\$(reports edge-02)\" -gt $rounds ] || is_over server"
  is_over server && break
  pause "$pause"
  stop edge-02
  now=$(steps edge-02)
  [ "$now" -ge "$before" ] || fail "$before steps were told of by edge-02, and $now after a kill"
  before=$now
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
  echo "$edge: $(reports "$edge") updates, $(steps "$edge") steps, epsilon $(epsilon "$edge")"
done
[ "$(epsilon edge-01)" = "$at_limit" ] || fail "edge-01 has told more after it was started again"
at_most "$(epsilon edge-01)" "${LIMIT:-0.6}" || fail "edge-01 has told more than its limit"
[ "$(reports edge-01)" -ge 2 ] || fail "edge-01 took no part while it could"
grep -q '"client":"edge-01","outcome":"declined: this edge.s privacy budget is spent' run/rounds.jsonl ||
  fail "the server does not say why edge-01 declined"
# Each update that was counted was charged for, and one that was lost on its way has cost its steps all the same.
per_round=$(sed -n 's/.*privacy.examples_told.* steps=\([0-9]*\).*/\1/p' edge-03.log | sort -u)
[ "$per_round" -gt 0 ] || fail "edge-03 has told nothing, or not the same in each round: $per_round"
[ "$(steps edge-02)" -ge $((per_round * $(reports edge-02))) ] || fail "edge-02 has updates that nothing was charged for"
"$godwit" inspect state-edge-02 | grep -q '^examples  *told with an epsilon of' || fail "inspect does not say what was told"
if grep -o '"outcome":"reported"[^}]*' run/rounds.jsonl | grep -qv '"loss":null'; then
  fail "an edge's own loss was written down"
fi
grep '"outcome":"committed"' run/rounds.jsonl > committed
[ "$(json train_loss committed | sort -u)" = null ] || fail "a training loss was written down"
echo "passed"
