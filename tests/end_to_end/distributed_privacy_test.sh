#!/usr/bin/env bash
# Noise of the edges under a secure sum, with real processes: server and edges are killed with -9 and started again until the
# budget is spent. Each release is in the ledger with whose noise it had, no budget comes back, the variance that a round's
# record states is that of those who were in its sum, and neither a loss nor an edge's number of examples is told.
# MECHANISM=skellam, METHOD=encryption, PROFILE=malicious: the same with those.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

edges=(edge-01 edge-02 edge-03 edge-04 edge-05 edge-06)
draw_seed
epsilon() { epsilon_at 1e-3; }

ROUNDS=100 EPOCHS=150 DEADLINE=60s lay_out 6
sed -i 's/^job:$/job:\n  secure_sum: {profile: '"${PROFILE:-semi_honest}"', method: '"${METHOD:-masks}"', bits: 16, colluding: 0, dropping: 0.3}\n  privacy: {mechanism: '"${MECHANISM:-discrete_gaussian}"', epsilon: 2, delta: 0.001, clip_norm: 1, noise_multiplier: 4}/
        s/federated_evaluate_every: 1/federated_evaluate_every: 0/
        s/cohort: 6, cohort_min: 2/cohort: 6, cohort_min: 4/' server.yml

# What cannot be accounted for is refused before anything starts, in a sentence each.
refused() {
  local phrase=$1 what
  local -a set=()
  shift
  for what in "$@"; do set+=(--set "$what"); done
  if "$godwit" config check server.yml "${set[@]}" > refused 2>&1; then fail "$* was taken"; fi
  grep -q -- "$phrase" refused || fail "$*: not said: $phrase ($(cat refused))"
}
"$godwit" config check server.yml > /dev/null || fail "the configuration is refused"
refused 'job.privacy.epsilon: found "0"' job.privacy.epsilon=0
refused 'job.privacy.delta.*below 1 / 20' job.privacy.delta=0.06 wait_for_edges=20
refused 'job.privacy.clip_norm: found' job.privacy.clip_norm=.inf
refused 'job.privacy.clip_norm: found' job.privacy.clip_norm=.nan
refused 'job.privacy.noise_multiplier: found' job.privacy.noise_multiplier=.nan
refused 'the first round would exceed it' job.privacy.noise_multiplier=0.3
refused 'job.selection.*accepted: random' job.selection=by_size
refused 'job.secure_sum.weight_max.*accepted: 1' job.secure_sum.weight_max=2
refused 'job.secure_sum.profile.*semi_honest or malicious' job.secure_sum.profile=none
refused 'job.federated_evaluate_every.*accepted: 0' job.federated_evaluate_every=1

start_server
keep_port
for edge in "${edges[@]}"; do start_edge "$edge" --set secure_sum=required; done

for ((kill = 0; kill < 8; ++kill)); do
  until_true 30 "somebody is back" somebody_is_back
  pause_up_to 700
  is_over server && break
  if ((kill % 2)); then
    edge=${edges[RANDOM % 6]}
    stop "$edge"
    start_edge "$edge" --set secure_sum=required
  else
    stop server
    [ "$(releases)" -ge "$(committed)" ] || fail "a model was released that the ledger does not know"
    start_server_anew
  fi
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
[ "$(epsilon | awk '{ print ($1 > 1.5 && $1 <= 2) }')" = 1 ] || fail "epsilon $(epsilon) was spent"
! grep -q 'secure_sum.\(refused\|lost\)' edge-*.log || fail "an edge's part was lost: $(grep -h 'secure_sum.\(refused\|lost\)' edge-*.log)"
json train_loss run/rounds.jsonl | grep -v null && fail "a training loss was written down"
json loss run/rounds.jsonl | grep -v null && fail "an edge's own loss was written down"
json example_count run/rounds.jsonl | grep -vx 1 && fail "an edge's own number of examples was written down"
grep -q 'sum.opened' all.log || fail "no sum was opened"
! grep -q 'sum.opened.*loss' all.log || fail "a sum's loss was told"

# The noise of each sum is that of all who are in it: four at the least, a share of the variance 4^2 / 4 each.
grep '"outcome":"committed"' run/rounds.jsonl > opened.jsonl
paste <(json reporters opened.jsonl) <(json noise_variance opened.jsonl) |
  awk '{ share = $2 / $1; if ($1 < 4 || share < 4 || share > 4.2) { print; bad = 1 } } END { exit bad }' ||
  fail "the variance is not that of the shares"
[ "$(grep -c noise_variance opened.jsonl)" = "$(committed)" ] || fail "a round does not state its noise"

"$godwit" privacy verify state > verified
grep -q "whole: $(releases) releases" verified || fail "the ledger is not whole ($(cat verified))"

# Who goes on without privacy is told so, and with the noise of the server's own nobody has anything left.
sed 's/mechanism: [a-z_]*, .*/mechanism: none}/' server.yml > plain.yml
if "$godwit" server --config plain.yml > refused 2>&1; then fail "the job went on without privacy"; fi
grep -q 'began with privacy' refused || fail "not said: that it began with privacy ($(cat refused))"
sed -i '/secure_sum:/d; s/mechanism: [a-z_]*,/mechanism: gaussian,/' server.yml
: > server.log
start_server
for edge in "${edges[@]}"; do start_edge "$edge"; done
until_true 30 "the job of the same edges ends" is_over server
grep -q 'the privacy budget is spent' server.log || fail "another mechanism has given budget back"
[ "$(releases)" -eq "$(committed)" ] || fail "something was released beyond the budget"
echo "passed"
