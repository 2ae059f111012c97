#!/usr/bin/env bash
# Differential privacy with real processes: a job spends its budget and ends by itself, with a server that is killed with
# -9 again and again. What the ledger says is never less than what was released, nobody is in more releases than the budget
# allows, no figure of a single edge is written down, the clip norm goes on from where it was, and a job whose ledger was
# taken back does not go on, nor one whose whole state was: the edges know better.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

edges=(edge-01 edge-02 edge-03 edge-04 edge-05 edge-06)
draw_seed
epsilon() { epsilon_at 1e-3; }

# With a budget of epsilon 2 and a noise multiplier of 4 each of the six can be in seven releases, and four make a round:
# ten, and some more that have to do with fewer.
ROUNDS=100 EPOCHS=150 DEADLINE=60s lay_out 6
sed -i 's/^job:$/job:\n  privacy: {mechanism: gaussian, epsilon: 2, delta: 0.001, clip: adaptive, clip_norm: 0.01, noise_multiplier: 4}/
        s/federated_evaluate_every: 1/federated_evaluate_every: 0/
        s/cohort: 6, cohort_min: 2/cohort: 4, cohort_min: 2/' server.yml
start_server
keep_port
for edge in "${edges[@]}"; do start_edge "$edge"; done

for ((kill = 0; kill < 6; ++kill)); do
  until_true 30 "somebody is back" somebody_is_back
  pause_up_to 700
  is_over server && break
  stop server
  [ "$(releases)" -ge "$(committed)" ] || fail "a model was released that the ledger does not know"
  [ "$kill" -ne 2 ] || cp -r state early
  start_server_anew
done
until_true 120 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
cat server.log >> all.log
unset 'pids[server]'
for edge in "${edges[@]}"; do stop "$edge"; done
echo "$kill kills, $(releases) releases, epsilon $(epsilon)"
[ "$kill" -ge 3 ] || fail "the run was over too early"
grep -q 'the privacy budget is spent' server.log || fail "the job did not say why it ended"
[ -s run/model.safetensors ] || fail "the last model that was paid for is not there"
[ "$(releases)" -eq "$(committed)" ] || fail "$(releases) releases and $(committed) committed rounds"
[ "$(epsilon | awk '{ print ($1 <= 2) }')" = 1 ] || fail "epsilon $(epsilon) was spent"
"$godwit" privacy spent state --delta 1e-3 --clients | awk '/^edge-/ && $2 > 7 { bad = 1 } END { exit bad }' ||
  fail "somebody was in more than seven releases"
json loss run/rounds.jsonl | grep -v null && fail "an edge's own loss was written down"
json example_count run/rounds.jsonl | grep -vx 1 && fail "an edge's own number of examples was written down"
json seconds run/rounds.jsonl | grep -vx 0.0 && fail "how long an edge took was written down"
# The norm: one for each round, the first as configured, each another, and none begins anew behind a kill. With noise of 12
# votes on a count of four it moves by 0.3 a round; by 2 with a chance of 1 in 10^9.
json clip_norm run/rounds.jsonl > norms
[ "$(wc -l < norms)" -eq "$(committed)" ] || fail "$(wc -l < norms) norms of $(committed) rounds"
[ "$(head -1 norms)" = 0.01 ] || fail "the first norm is $(head -1 norms)"
[ "$(sort -u norms | wc -l)" -eq "$(committed)" ] || fail "two rounds have the same norm"
awk 'NR > 1 { step = log($1 / last); if (step > 2 || step < -2) exit 1 } { last = $1 }' norms || fail "the norm has jumped"

# The ledger is whole, and it stood where it stood earlier.
"$godwit" privacy verify state > verified
head=$(sed -n 's/^remember: //p' verified)
early=$("$godwit" privacy verify early | sed -n 's/^remember: //p')
"$godwit" privacy verify state --remembered "$early" > /dev/null || fail "an earlier head is not known"
if "$godwit" privacy verify early --remembered "$head" 2> refused; then fail "an older copy stands for the newest"; fi
grep -q 'older copy' refused || fail "not said: that it is an older copy"

# Who puts an older ledger in the newest one's place, takes it away, or goes on without privacy is told so.
refuses() {
  if "$godwit" server --config server.yml > refused 2>&1; then fail "$1: the job went on"; fi
  grep -q "$2" refused || fail "$1: not said: $2 ($(cat refused))"
}
cp -r state kept
rm -r state
cp -r early state
before=$(releases)
: > server.log
start_server
start_edge edge-01
until_true 30 "the restored server ends" is_over server
unset 'pids[server]'
grep -q 'a backup was restored' server.log || fail "not said: that the state is older than what an edge knows"
[ "$(releases)" = "$before" ] || fail "a restored server has released something"
rm -r state
cp -r kept state
cp early/privacy.ledger state/privacy.ledger
refuses "an older ledger" 'an older copy was restored'
rm state/privacy.ledger
refuses "no ledger" 'no privacy ledger knows'
cp kept/privacy.ledger state/privacy.ledger
sed 's/mechanism: gaussian, .*/mechanism: none}/' server.yml > plain.yml
if "$godwit" server --config plain.yml > refused 2>&1; then fail "the job went on without privacy"; fi
grep -q 'began with privacy' refused || fail "not said: that it began with privacy ($(cat refused))"
printf 'x' | dd of=state/privacy.ledger bs=1 seek=200 conv=notrunc status=none
refuses "a changed ledger" 'is not as it was written and signed'
echo "passed"
