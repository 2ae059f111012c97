#!/usr/bin/env bash
# kill -9 of the server at random moments, five in each flight (FLIGHTS=10 makes it fifty): each time it goes on with
# the same round, no edge trains for a round again, each round stands once, and every model is the same bits as in a
# flight that nobody disturbed.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

flights=${FLIGHTS:-4}
kills=5 # in a flight: edges pause for longer after each
rounds=8
draw_seed

models() { grep -o '"model_sha256":"[0-9a-f]*"' run/rounds.jsonl; }
has_open_round() { "$godwit" inspect state | awk '/ round_opened:/ { open = 1 } END { exit !open }'; }
edges=(edge-01 edge-02 edge-03)

take_off() {
  rm -rf run state state-edge-*
  : > server.log
  start_server
  keep_port
  for edge in "${edges[@]}"; do
    : > "$edge.log"
    start_edge "$edge"
  done
}

land() {
  until_true 60 "the run ends" is_over server
  wait "${pids[server]}" || fail "the server ended with status $?"
  for edge in "${edges[@]}"; do stop "$edge"; done
  [ "$(json round run/rounds.jsonl | tr '\n' ' ')" = "$(seq -s ' ' "$rounds") " ] || fail "each round stands once, in order"
  [ -s run/report.html ] && [ -s run/model.safetensors ] && [ -s run/model.npz ] || fail "a result is missing"
  for edge in "${edges[@]}"; do
    again=$(grep -o 'training.started round=[0-9]*' "$edge.log" | sort | uniq -d)
    [ -z "$again" ] || fail "$edge trained again: $again"
  done
}

ROUNDS=$rounds EPOCHS=250 DEADLINE=60s lay_out 3
take_off
land
models > undisturbed

killed=0 in_mid_round=0
for ((flight = 1; flight <= flights; ++flight)); do
  take_off
  for ((kill = 0; kill < kills; ++kill)); do
    until_true 30 "somebody is back" somebody_is_back
    pause_up_to 500
    is_over server && break
    stop server
    killed=$((killed + 1))
    if has_open_round; then in_mid_round=$((in_mid_round + 1)); fi
    : > server.log
    start_server
  done
  land
  models | diff - undisturbed > /dev/null || fail "the kills show in the models of flight $flight"
done
echo "$killed kills, $in_mid_round of them in mid-round"
[ "$killed" -ge $((flights * 3)) ] || fail "the flights were over too early"
[ "$in_mid_round" -ge $((flights * 2)) ] || fail "too few kills came in mid-round"
echo "passed"
