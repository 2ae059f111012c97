#!/usr/bin/env bash
# Sums that a server can open only together with trustees, all of them real processes on TLS. With one trustee: eight
# edges of which two are killed before they send; the model is that of a plain round of the other six, but for the
# rounding, and neither state folder holds what opens one of them. An edge that wants secure sums only takes part. With
# two trustees: the trustees and the server are killed with -9 in the middle of rounds, and every round is committed.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

edges=() && for i in $(seq -w 8); do edges+=("edge-0$i"); done
survivors=("${edges[@]:0:6}")
doomed=(edge-07 edge-08)
has() { grep -q "$2" "$1.log"; }

# shared SCHEME TRUSTEES: server.yml for such sums.
shared() {
  sed -i "s/^job:\$/job:\n  shared_sum: {scheme: $1, trustees: $2, clip: 8, bits: 24}/
          s/federated_evaluate_every: 1/federated_evaluate_every: 0/" server.yml
}

# start_trustee NAME
start_trustee() {
  local name=$1
  cat > "$name.yml" <<YML
server: ${listen%:*}:$(port)
tls: {certificate: keys/$name.pem, key: keys/$name.key, authority: keys/ca.pem}
state: state-$name
YML
  launch "$name" "$godwit" trustee --config "$name.yml" >> "$name.log" 2>&1 &
  pids[$name]=$!
}

# One trustee; two edges of eight are killed while they train.
ROUNDS=1 EPOCHS=200 DEADLINE=40s lay_out 8
"$godwit" keys trustee --folder keys clinic > /dev/null
shared additive clinic
start_server
keep_port
for edge in "${edges[@]}"; do start_edge "$edge" --set secure_sum=required; done
for edge in "${edges[@]}"; do until_true 30 "$edge is enrolled" has "$edge" edge.enrolled; done
! has server 'phase=recruiting' || fail "a round was opened without its trustee"
"$godwit" status --server "127.0.0.1:$(port)" --folder keys | grep -q 'waiting for the trustee clinic' ||
  fail "the status does not say who is missing"
for edge in "${doomed[@]}"; do kill -STOP "${pids[$edge]}"; done
start_trustee clinic
until_true 30 "the round is open" has server 'phase=recruiting'
for edge in "${doomed[@]}"; do stop "$edge"; done
until_true 90 "the round ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
[ "$(json outcome run/rounds.jsonl | head -n 1)" = committed ] || fail "the round was abandoned: $(cat run/rounds.jsonl)"
has server 'sum.opened.*clients=6' || fail "not exactly the six that sent are in the sum"
has clinic sum.given || fail "the trustee had no part in it"
for edge in "${edges[@]}"; do [ -z "${pids[$edge]:-}" ] || stop "$edge"; done
stop clinic
mv run run-shared

# The same round of the survivors alone, in the open.
rm -rf state state-edge-* server.log
sed -i '/shared_sum:/d; s/cohort: 8/cohort: 6/; s/wait_for_edges: 8/wait_for_edges: 6/; s/^  model: .*/&\n  selection: by_size/
        s/^listen: .*/listen: 127.0.0.1:0/' server.yml
start_server
for edge in "${survivors[@]}"; do start_edge "$edge"; done
until_true 90 "the open round ends" is_over server
[ "$(json outcome run/rounds.jsonl | head -n 1)" = committed ] || fail "the open round was abandoned: $(cat run/rounds.jsonl)"
for edge in "${survivors[@]}"; do stop "$edge"; done
unset 'pids[server]'

# A step of the grid is 16 / (2^24 - 1); the plain sum rounds to 2^-24, the model to float.
models_agree run-shared/model.safetensors run/model.safetensors 1.1e-6 || fail "the opened sum is not the survivors'"

# Two trustees, and a sum that notices who tampers. Each round somebody is killed.
rm -rf state state-* run run-shared ./*.log server.yml
draw_seed
ROUNDS=5 EPOCHS=800 DEADLINE=60s lay_out 3
"$godwit" keys trustee --folder keys clinic union > /dev/null
shared replicated "clinic union"
start_server
keep_port
start_trustee clinic
start_trustee union
for edge in "${edges[@]:0:3}"; do start_edge "$edge" --set secure_sum=required; done
kills=0
for node in clinic server union server clinic server; do
  until_true 30 "somebody is back" somebody_is_back
  pause "0.$(printf '%03d' $((300 + RANDOM % 700)))"
  is_over server && break
  kills=$((kills + 1))
  stop "$node"
  if [ "$node" = server ]; then
    start_server_anew
  else
    start_trustee "$node"
  fi
done
until_true 150 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
cat server.log >> all.log
[ "$(json round run/rounds.jsonl | tr '\n' ' ')" = "$(seq -s ' ' 5) " ] || fail "each round stands once, in order"
[ "$(json outcome run/rounds.jsonl | grep -c '^committed$')" = 5 ] || fail "a round was abandoned: $(cat run/rounds.jsonl)"
[ "$kills" -ge 3 ] || fail "the run was over too early"
echo "$kills kills; passed"
