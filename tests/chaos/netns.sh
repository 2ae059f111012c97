# What the chaos tests share: a flock whose nodes are each in a network namespace of their own, behind cables that can be bad.
# Sourced as: . netns.sh EXECUTABLE FOLDER EMULATOR
# shellcheck shell=bash disable=SC2154
set -euo pipefail
chaos_emulator=$3
chaos_prefix=godwit-$$-

# A test that cannot run here says why, and is counted as skipped.
skip() {
  echo "skipped: $*"
  exit 77
}
[ "$(id -u)" = 0 ] || skip "network namespaces need root"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
command -v ip > /dev/null || skip "there is no ip (package iproute2)"
ip netns add "${chaos_prefix}try" 2> /dev/null || skip "this machine lets nobody make network namespaces"
ip netns delete "${chaos_prefix}try"

# shellcheck source-path=SCRIPTDIR source=../end_to_end/flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/../end_to_end/flock.sh"
MODEL=mlp-2nn # 218 kB: a few hundred packets
listen=10.78.0.10:7443

spaces() { ip netns list | awk '{ print $1 }' | grep "^$1" || true; }

# Takes down what was made here, and what a run left that was itself killed.
take_down() {
  local space owner
  cleanup
  for space in $(spaces godwit-); do
    owner=${space#godwit-}
    owner=${owner%%-*}
    [ "$owner" != $$ ] && [ -d "/proc/$owner" ] || ip netns delete "$space"
  done
}
trap take_down EXIT

# lay_cables SEED NODE...: a namespace for each, 10.78.0.10 and on, all on one emulator.
lay_cables() {
  local seed=$1 node hosts=() address=10
  shift
  for node in "$@"; do
    ip netns add "$chaos_prefix$node"
    hosts+=("$node=$chaos_prefix$node=10.78.0.$address")
    address=$((address + 1))
  done
  # In front of others: late packets would be the machine's doing and not the cable's.
  coproc wires { exec nice -n -10 "$chaos_emulator" "$seed" "${hosts[@]}" 2> emulator.log; }
  pids[emulator]=$wires_PID
  wires_say "ready"
}

wires_say() {
  local said=
  read -rt 20 said <&"${wires[0]}" || true
  [ "$said" = "$1" ] || fail "the emulator says '$said', not '$1': $(cat emulator.log)"
}

# cable COMMAND...: what network_emulator.cpp lists.
cable() {
  echo "$*" >&"${wires[1]}"
  wires_say "done"
}

# cables_carried: ends the emulator; a line for each node: NODE carried PACKETS dropped PACKETS
cables_carried() {
  local in=${wires[1]} out=${wires[0]}
  exec {in}>&-
  cat <&"$out"
}

launch() {
  local node=$1
  shift
  exec ip netns exec "$chaos_prefix$node" "$@"
}

# Logs are read by machines here: a line of JSON for each event, with milliseconds.
start_logged_server() { start_server --log-format json --log-level debug; }
start_logged_edge() { start_edge "$1" --log-format json --log-level debug; }

# event NAME [FIELDS]: the pattern of such lines
# says NODE PATTERN [FROM_LINE]: whether its log has such a line, from that line on.
says() { tail -n "+${3:-1}" "$1.log" | grep -q "$2"; }
event() { echo "\"event\":\"$1\".*${2:-}"; }
log_end() { echo $(($(wc -l < "$1.log") + 1)); }

pause() { read -rt "$1" <> <(:) || true; }
now() { date -u +%s.%N; }
# time_of NODE PATTERN [FROM_LINE]: seconds since 1970 of the first such line, from that line on.
time_of() { date -u -d "$(tail -n "+${3:-1}" "$1.log" | grep -m 1 "$2" | json time /dev/stdin)" +%s.%N; }
# within SECONDS BEGIN END DESCRIPTION: says how long it took; fails if longer.
within() {
  awk -v b="$2" -v e="$3" -v what="$4" 'BEGIN { printf "%6.2f s  %s\n", e - b, what }'
  awk -v b="$2" -v e="$3" -v most="$1" 'BEGIN { exit !(e - b <= most) }' || fail "not within $1 s: $4"
}

# rounds_are_sound DEADLINE_SECONDS: each stands once, in order, and ended by its deadline and a second.
rounds_are_sound() {
  local round
  [ "$(json round run/rounds.jsonl)" = "$(seq "$(wc -l < run/rounds.jsonl)")" ] || fail "each round stands once, in order"
  while read -r round; do
    echo "$round" > round.json
    json '[a-z]*ing_seconds' round.json | awk -v d="$1" '{ s += $1 } END { exit !(s < d + 1) }' ||
      fail "a round ended later than a second behind its deadline: $round"
    [ -z "$(json client round.json | sort | uniq -d)" ] || fail "somebody stands twice in a round: $round"
    [ "$(grep -o '"outcome":"reported"' round.json | wc -l)" = "$(json reporters round.json)" ] ||
      fail "the count of updates is not that of those who reported: $round"
  done < run/rounds.jsonl
}

# rounds_in_log: a line for each round that the server's log tells of from its opening to its end: NUMBER SECONDS
rounds_in_log() {
  local number opened
  for number in $(grep "$(event round.closed)" server.log | json round /dev/stdin); do
    opened=$(event round.phase "\"round\":$number,\"phase\":\"recruiting\"")
    grep -q "$opened" server.log || continue # in a process before this one
    echo "$number $(time_of server "$opened") $(time_of server "$(event round.closed "\"round\":$number,")")"
  done | awk '{ print $1, $3 - $2 }'
}
# seconds_are_at_most SECONDS: in the file of such lines.
seconds_are_at_most() {
  awk -v most="$1" '$2 > longest { longest = $2 } $2 > most { late = 1 }
    END { printf "%d rounds seen in the logs, the longest of %.2f s\n", NR, longest; exit late }' seconds ||
    fail "a round ended later than $1 s after its opening"
}

# nobody_erred NODE...: no log has a line of level error.
nobody_erred() {
  local node
  for node in "$@"; do
    ! grep '"level":"error"' "$node.log" > erred || fail "$node logs errors: $(cat erred)"
  done
}
