#!/usr/bin/env bash
# Eight edges behind slow, lossy links, while directions are cut at random and random edges, and the server, are killed:
# the run ends, each round stands once and ends by its deadline, no update counts twice, and no store is broken.
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$(dirname "${BASH_SOURCE[0]}")/netns.sh"

chaos_seconds=${CHAOS_SECONDS:-75}
deadline=12
rounds=${ROUNDS:-12}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
echo "seed $seed"
RANDOM=$((seed % 32768))
edges=(edge-01 edge-02 edge-03 edge-04 edge-05 edge-06 edge-07 edge-08)
declare -A done_to=([server]=0 [edge]=0 [cut]=0)

any_edge() { edge=${edges[RANDOM % ${#edges[@]}]}; }
# did_not_crash NODE: until we kill it, it runs; only the server may be over, if it ends well.
did_not_crash() {
  is_running "$1" && return
  local status=0
  wait "${pids[$1]}" || status=$?
  fail "$1 ended by itself with status $status"
}
# opens NODE FOLDER: its store, which is then shown in NODE.inspected
opens() { "$godwit" inspect "$2" > "$1.inspected" 2>&1 || fail "the store of $1 does not open: $(cat "$1.inspected")"; }
no_update_is_there_twice() {
  sed -n 's/.* \(edge-[0-9]*\) *update_summed: round \([0-9]*\),.*/\1 \2/p' server.inspected > summed
  [ -z "$(sort summed | uniq -d)" ] || fail "an update is counted twice in the journal: $(sort summed | uniq -d)"
}

kill_edge() {
  any_edge
  did_not_crash "$edge"
  stop "$edge"
  opens "$edge" "state-$edge"
  start_logged_edge "$edge"
  done_to[edge]=$((done_to[edge] + 1))
}

kill_server() {
  did_not_crash server
  stop server
  opens server state
  no_update_is_there_twice
  rounds_in_log >> seconds
  cat server.log >> server_before.log
  : > server.log
  start_logged_server
  done_to[server]=$((done_to[server] + 1))
}

# One direction of one edge, or both.
cut_edge() {
  any_edge
  case $((RANDOM % 3)) in
    0) cable cut "$edge" server ;;
    1) cable cut server "$edge" ;;
    2) cable pull "$edge" ;;
  esac
  done_to[cut]=$((done_to[cut] + 1))
}
heal() {
  cable heal '*'
  cable plug '*'
}

# The server has a turn each 8 to 23 s; in between, it is the edges' and the cables'.
server_is_due() { [ "$SECONDS" -ge "$server_due" ] && server_due=$((SECONDS + 8 + RANDOM % 16)); }
do_harm() {
  if server_is_due; then kill_server; fi
  case $((RANDOM % 16)) in
    [0-3]) kill_edge ;;
    [4-7]) cut_edge ;;
    8) cable forget server ;;
    *) heal ;;
  esac
}

ROUNDS=$rounds EPOCHS=${EPOCHS:-10} DEADLINE=${deadline}s lay_out 8
lay_cables "$seed" server "${edges[@]}"
for edge in "${edges[@]}"; do cable set "$edge" delay=40 jitter=15 loss=0.02 rate=4000; done
: > server_before.log
: > seconds
start_logged_server
for edge in "${edges[@]}"; do start_logged_edge "$edge"; done
until_true 60 "the first round is under way" says server "$(event round.phase '"phase":"collecting"')"

ends=$((SECONDS + chaos_seconds))
server_due=$((SECONDS + 4 + RANDOM % 8))
while [ "$SECONDS" -lt "$ends" ] && is_running server; do
  pause "$((RANDOM % 2)).$(printf '%03d' $((RANDOM % 1000)))"
  if is_running server; then do_harm; fi
done
echo "kills: ${done_to[edge]} of edges, ${done_to[server]} of the server; cuts: ${done_to[cut]}"
has_rounds 2 || fail "no two rounds came to an end in all that"
heal
for edge in "${edges[@]}"; do did_not_crash "$edge"; done

until_true 240 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
unset "pids[server]"
for edge in "${edges[@]}"; do
  did_not_crash "$edge"
  stop "$edge"
  opens "$edge" "state-$edge"
done
opens server state
no_update_is_there_twice
rounds_are_sound "$deadline"
rounds_in_log >> seconds
seconds_are_at_most $((deadline + 1))
[ "$(grep -c '"outcome":"committed"' run/rounds.jsonl)" = "$rounds" ] || fail "$rounds rounds should be committed"
model=$(grep '"outcome":"committed"' run/rounds.jsonl | tail -n 1 | json model_sha256 /dev/stdin)
"$godwit" model info run/model.safetensors | grep -q "^sha256 *$model" || fail "the model is not that of the last round"
grep -q "SHA-256 $model" server.inspected || fail "the checkpoint is not that of the last round"
nobody_erred server_before server "${edges[@]}"
for harm in server edge cut; do [ "${done_to[$harm]}" -ge 1 ] || fail "too little harm was done: $harm"; done
cables_carried
echo "passed"
