#!/usr/bin/env bash
# Secure rounds in which the server and edges are killed with -9 and started again: before and behind the shares, behind
# the masked vector, while the sum is unmasked. An edge goes on with the same keys, the server in the same round, and each
# sum is opened of at least four of the five edges (the others do not wait for ever for one that is dead).
# METHOD=encryption: the same with updates that travel encrypted.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

rounds=6
edges=(edge-01 edge-02 edge-03 edge-04 edge-05)
draw_seed

ROUNDS=$rounds EPOCHS=250 DEADLINE=60s lay_out 5
sed -i 's/^job:$/job:\n  secure_sum: {profile: semi_honest, method: '"${METHOD:-masks}"'}/; s/federated_evaluate_every: 1/federated_evaluate_every: 0/
        s/cohort_min: 2/cohort_min: 4/' server.yml
start_server
keep_port
for edge in "${edges[@]}"; do start_edge "$edge" --set secure_sum=required; done

for ((kill = 0; kill < 8; ++kill)); do
  until_true 30 "somebody is back" somebody_is_back
  pause_up_to 700
  is_over server && break
  if ((kill % 2)); then
    edge=${edges[RANDOM % 5]}
    stop "$edge"
    start_edge "$edge" --set secure_sum=required
  else
    stop server
    start_server_anew
  fi
done
until_true 120 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
cat server.log >> all.log
[ "$(json round run/rounds.jsonl | tr '\n' ' ')" = "$(seq -s ' ' "$rounds") " ] || fail "each round stands once, in order"
[ "$(json outcome run/rounds.jsonl | grep -c '^committed$')" = "$rounds" ] || fail "a round was abandoned"
[ "$(json reporters run/rounds.jsonl | sort -n | head -n 1)" -ge 4 ] || fail "a round went on with fewer than four"
! grep -q 'secure_sum.\(refused\|lost\)' edge-*.log || fail "an edge's part was lost: $(grep -h 'secure_sum.\(refused\|lost\)' edge-*.log)"
echo "$kill kills"
[ "$kill" -ge 3 ] || fail "the run was over too early"

# When it is over, nothing of the secrets is left with the edges.
for edge in "${edges[@]}"; do
  until_true 10 "$edge has done with the round" grep -q 'secure_sum.unmasked' "$edge.log"
  ! "$godwit" inspect "state-$edge" | grep -q secure_task_taken || echo "$edge still holds a part; its last round was not closed for it"
done
echo "passed"
