#!/usr/bin/env bash
# Noise of trees with real processes: a job whose trees begin anew every four rounds spends its budget and ends by itself,
# with a server that is killed with -9 again and again. Each step of a tree is released once, the next one goes on where
# the ledger says, a changed line of the tree is noticed, and the same job can be flown in a simulation, twice alike.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

edges=(edge-01 edge-02 edge-03 edge-04)
draw_seed
spent() { "$godwit" privacy spent "${2:-state}" --delta 1e-3 | awk -v what="$1" '$1 == what { $1 = ""; print substr($0, 2) }'; }

# In a tree of four rounds a client's first part costs 3 squares, its second 6, its third 6 or 8: epsilon 2 and noise of 12 clip
# norms allow some 55, which is two trees and a half.
privacy='{mechanism: tree, epsilon: 2, delta: 0.001, clip_norm: 1, noise_multiplier: 12, tree_rounds: 4}'
ROUNDS=100 EPOCHS=150 DEADLINE=60s lay_out 4
sed -i "s/^job:\$/job:\n  privacy: $privacy/
        s/federated_evaluate_every: 1/federated_evaluate_every: 0/
        s/cohort: 4, cohort_min: 2/cohort: 3, cohort_min: 2/" server.yml
start_server
keep_port
for edge in "${edges[@]}"; do start_edge "$edge"; done
for ((kill = 0; kill < 5; ++kill)); do
  until_true 30 "somebody is back" somebody_is_back
  pause_up_to 500
  is_over server && break
  stop server
  [ "$(spent releases)" -ge "$(committed)" ] || fail "a model was released that the ledger does not know"
  start_server_anew
done
until_true 120 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
unset 'pids[server]'
for edge in "${edges[@]}"; do stop "$edge"; done
releases=$(spent releases)
echo "$kill kills, $releases releases, tree $(spent tree), epsilon $(spent epsilon)"
[ "$kill" -ge 2 ] || fail "the run was over too early"
grep -q 'the privacy budget is spent' server.log || fail "the job did not say why it ended"
[ "$releases" -eq "$(committed)" ] || fail "$releases releases and $(committed) committed rounds"
[ "$releases" -gt 4 ] || fail "no second tree was begun"
[ "$(spent tree)" = "$(((releases - 1) / 4 + 1)), round $(((releases - 1) % 4 + 1)) of 4" ] || fail "$(spent tree) after $releases"
spent epsilon | awk '{ exit !($1 <= 2) }' || fail "epsilon $(spent epsilon) was spent"
"$godwit" privacy verify state > verified || fail "the ledger is not whole"

# The last line's place, which its signature covers, is no other one: it counts as torn.
cp -r state changed
size=$(stat -c %s changed/privacy.ledger)
printf '%b' "\\x0$((releases % 4))" | dd of=changed/privacy.ledger bs=1 seek=$((size - 64 - 16)) conv=notrunc status=none
[ "$(spent releases changed)" -eq $((releases - 1)) ] || fail "a changed place was taken for the true one"

# In a simulation: the same mechanism, alike from run to run.
cat > simulate.yml <<YML
kind: simulation
seed: 7
data: {source: synthetic, alpha: 0.5, beta: 0.5}
partition: {clients: 20}
job:
  model: softmax
  rounds: 12
  privacy: $privacy
  round: {cohort: 5, cohort_min: 2}
YML
for run in first second; do
  "$godwit" simulate --config simulate.yml --out "$run" > "$run.out" 2>&1 || fail "the simulation: $(cat "$run.out")"
done
[ "$(grep -c '"outcome":"committed"' first/rounds.jsonl)" -eq 12 ] || fail "not all simulated rounds were committed"
[ "$(json model_sha256 first/rounds.jsonl)" = "$(json model_sha256 second/rounds.jsonl)" ] || fail "two simulations differ"
json epsilon first/rounds.jsonl | awk '$1 > 2 || $1 < last { exit 1 } { last = $1 }' || fail "the simulation's epsilon"
sed 's/mechanism: tree/mechanism: tree, clip: adaptive/' simulate.yml > wrong.yml
if "$godwit" simulate --config wrong.yml --out wrong > refused 2>&1; then fail "a norm that changes in a tree was taken"; fi
grep -q 'job.privacy.clip' refused || fail "not said: which key is wrong ($(cat refused))"
echo "passed"
