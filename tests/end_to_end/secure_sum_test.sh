#!/usr/bin/env bash
# A secure sum of twenty edges of which six are killed: two before they share their secrets, two before their masked
# vector is sent, two behind it, before they give shares back. What the server opens is the mean of exactly those whose
# vectors came: the model is that of a plain round of them alone, but for the rounding. An edge that wants secure sums
# only declines a plain round; the server's state holds no unmasked update. METHOD=encryption: the same with updates that
# travel encrypted.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

edges=() && for i in $(seq -w 20); do edges+=("edge-$i"); done
survivors=("${edges[@]:0:14}" edge-19 edge-20) # in the sum; not all of them live on
early=(edge-15 edge-16)        # killed before they share
middle=(edge-17 edge-18)       # killed before they send
late=(edge-13 edge-14)         # killed before they give shares back
slow=(edge-01 edge-02)         # held up until all that has happened
method=${METHOD:-masks}
bits=24; [ "$method" = masks ] || bits=22 # so that the sum of twenty fits

has() { grep -q "$2" "$1.log"; }
count() { grep -l "$1" edge-*.log 2>/dev/null | wc -l; }
at_least() { [ "$(count "$1")" -ge "$2" ]; }

secure() {
  sed -i 's/^job:$/job:\n  secure_sum: {profile: semi_honest, method: '"$method"', clip: 8, bits: '$bits', colluding: 0.1, dropping: 0.3}/
          s/federated_evaluate_every: 1/federated_evaluate_every: 0/; s/cohort_min: 2/cohort_min: 10/' server.yml
}

ROUNDS=1 EPOCHS=400 DEADLINE=60s lay_out 20
secure
start_server
# Those who die early are there, and hear nothing of the round before they do.
for edge in "${early[@]}"; do start_edge "$edge" --set secure_sum=required; done
for edge in "${early[@]}"; do
  until_true 30 "$edge is enrolled" has "$edge" edge.enrolled
  kill -STOP "${pids[$edge]}"
done
for edge in "${edges[@]}"; do [ -n "${pids[$edge]:-}" ] || start_edge "$edge" --set secure_sum=required; done
until_true 60 "the round is open" grep -q 'phase=recruiting' server.log
for edge in "${early[@]}"; do stop "$edge"; done
until_true 60 "the others have shared" at_least secure_sum.shared 18
for edge in "${slow[@]}" "${middle[@]}"; do kill -STOP "${pids[$edge]}"; done
for edge in "${middle[@]}"; do stop "$edge"; done
for edge in "${late[@]}"; do until_true 30 "$edge is counted" has "$edge" update.counted; stop "$edge"; done
for edge in "${slow[@]}"; do kill -CONT "${pids[$edge]}"; done
until_true 90 "the round ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
[ "$(json outcome run/rounds.jsonl | head -n 1)" = committed ] || fail "the round was abandoned: $(cat run/rounds.jsonl)"
grep -q 'sum.opened.*clients=16' server.log || fail "not exactly the 16 whose vectors came are in the sum"
for edge in "${edges[@]}"; do [ -z "${pids[$edge]:-}" ] || stop "$edge"; done
mv run run-secure

# The same round of the survivors alone, each with the weight 1, in the open.
rm -rf state state-edge-* server.log
sed -i '/secure_sum:/d; s/cohort: 20/cohort: 16/; s/wait_for_edges: 20/wait_for_edges: 17/
        s/^  model: .*/&\n  selection: by_size/' server.yml
start_server
start_edge edge-15 --set secure_sum=required
for edge in "${survivors[@]}"; do start_edge "$edge"; done
until_true 90 "the open round ends" is_over server
has edge-15 task.declined || grep -q '"client":"edge-15"' run/rounds.jsonl || echo "edge-15 was not asked"
[ "$(json outcome run/rounds.jsonl | head -n 1)" = committed ] || fail "the open round was abandoned: $(cat run/rounds.jsonl)"

# A step of the grid; the plain sum rounds to 2^-24, the model to float.
limit=$(awk -v bits="$bits" 'BEGIN { printf "%.17g", 16 / (2 ^ bits - 1) + 1.5e-7 }')
models_agree run-secure/model.safetensors run/model.safetensors "$limit" || fail "the opened sum is not the survivors'"
