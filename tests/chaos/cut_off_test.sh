#!/usr/bin/env bash
# An edge is cut off for a minute in mid-round: it trains on, keeps its update, and says what it has to say when its
# cable is back; the update counts once, and the model is the same bits as in a flight that nobody disturbed.
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$(dirname "${BASH_SOURCE[0]}")/netns.sh"

edges=(edge-01 edge-02 edge-03)
silence=15 slack=3 # link_limits.hpp; a busy machine's

take_off() {
  local node
  rm -rf run state state-edge-*
  for node in server "${edges[@]}"; do : > "$node.log"; done
  start_logged_server
  for node in "${edges[@]}"; do start_logged_edge "$node"; done
  for node in "${edges[@]}"; do until_true 30 "$node trains" says "$node" "$(event training.started '"round":1')"; done
}

land() {
  until_true 180 "the run ends" is_over server
  wait "${pids[server]}" || fail "the server ended with status $?"
  unset "pids[server]"
  for edge in "${edges[@]}"; do stop "$edge"; done
  nobody_erred server "${edges[@]}"
  rounds_are_sound 150
  grep -o '"model_sha256":"[0-9a-f]*"' run/rounds.jsonl
}

# keeps EDGE PATTERN: whether its state folder says so.
keeps() { "$godwit" inspect "state-$1" > "$1.inspected" && grep -q "$2" "$1.inspected"; }
summed() { "$godwit" inspect state > server.inspected && grep "update_summed" server.inspected | grep "$1"; }
a_minute_has_passed() { [ $((SECONDS - cut_at)) -ge 60 ]; }
# brake PID: a slow machine, whose link is alive all the same. So the round is open when edge-03 is back.
brake() {
  while kill -STOP "$1" 2> /dev/null; do
    pause 8
    kill -CONT "$1"
    pause 0.5
  done
}

ROUNDS=2 EPOCHS=${EPOCHS:-200} DEADLINE=150s lay_out 3
lay_cables 1 server "${edges[@]}"
cable set '*' delay=5
take_off
land > undisturbed
echo "an undisturbed flight: $(tr '\n' ' ' < undisturbed)"

take_off
brake "${pids[edge-01]}" &
pids[brake]=$!
began=$(now)
cut_at=$SECONDS
cable pull edge-03
until_true 30 "the server gives edge-03 up" says server "$(event link.closed '"peer":"edge-03"')"
until_true 30 "edge-03 gives the server up" says edge-03 "$(event link.closed)"
within $((silence + slack)) "$began" "$(time_of server "$(event link.closed '"peer":"edge-03"')")" "the server gives edge-03 up"
within $((silence + slack)) "$began" "$(time_of edge-03 "$(event link.closed)")" "edge-03 gives the server up"
until_true 60 "edge-03 trains on" says edge-03 "$(event training.finished '"round":1')"
within 60 "$began" "$(time_of edge-03 "$(event training.finished)")" "edge-03 has trained to the end, cut off"
until_true 10 "edge-03 keeps its update" keeps edge-03 "update_trained: round 1"
keeps edge-03 "letter_put: letter [0-9]*: update_offer: round 1" || fail "the offer of the update should be kept"
if keeps edge-03 "task_over"; then fail "the task should not be over"; fi
until_true 60 "a minute has passed" a_minute_has_passed
if summed edge-03; then fail "the update of an edge that is cut off should not be there"; fi
if has_rounds 1; then fail "the round should wait for edge-01"; fi

back=$(log_end edge-03)
healed=$(now)
cable plug edge-03
until_true 40 "edge-03 is back" says edge-03 "$(event edge.enrolled)" "$back"
within 40 "$healed" "$(time_of edge-03 "$(event edge.enrolled)" "$back")" "edge-03 is back after its cable"
until_true 20 "the update of edge-03 is counted" summed edge-03
until_true 20 "edge-03 hears of it" says edge-03 "$(event update.counted '"round":1[,}]')"
until_true 20 "edge-03's work is over" keeps edge-03 "task_over: round 1"
[ "$(summed edge-03 | wc -l)" = 1 ] || fail "the update of edge-03 should be counted once"
if has_rounds 1; then fail "the round should wait for edge-01"; fi
stop brake
kill -CONT "${pids[edge-01]}"
land > disturbed

[ "$(json reporters run/rounds.jsonl | head -n 1)" = 3 ] || fail "all three updates should count in round 1"
for edge in "${edges[@]}"; do
  [ "$(grep -c "$(event training.started '"round":1[,}]')" "$edge.log")" = 1 ] || fail "$edge trained for round 1 again"
  [ "$(grep -c "$(event update.counted '"round":1[,}]')" "$edge.log")" = 1 ] || fail "the update of $edge should count once"
done
diff undisturbed disturbed || fail "that an edge was cut off shows in the models"
cables_carried
echo "passed"
