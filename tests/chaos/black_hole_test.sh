#!/usr/bin/env bash
# Links that go dead without a word: a stopped edge, a stopped server, a pulled cable, a NAT that forgets. Each end that
# runs notices within the silence that a link allows, rounds end by their deadline all the same, and everybody comes back.
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$(dirname "${BASH_SOURCE[0]}")/netns.sh"

edges=(edge-01 edge-02 edge-03)
silence=15 slack=3 # link_limits.hpp; a busy machine's
deadline=25
declare -A ends=() # the first line of each log that counts

mark() { for node in server "${edges[@]}"; do ends[$node]=$(log_end "$node"); done; }
all_train() { for edge in "${edges[@]}"; do says "$edge" "$(event training.started)" "${ends[$edge]}" || return 1; done; }

# begin WHAT: a new round is under way with all three of them; what follows is due to WHAT.
begin() {
  what=$1
  mark
  until_true $((deadline * 3)) "a round with all three, before: $what" all_train
  mark
  began=$(now)
}

# notices NODE PATTERN: its log has such a line, soon enough behind `begin`.
notices() {
  until_true $((silence + slack + 5)) "$1 notices: $what" says "$1" "$2" "${ends[$1]}"
  within $((silence + slack)) "$began" "$(time_of "$1" "$2" "${ends[$1]}")" "$1 notices: $what"
}
lost() { event link.closed "${1:+\"peer\":\"$1\"}"; }

# is_back EDGE: from the moment that it can.
is_back() { until_true 40 "$1 is back after: $what" says "$1" "$(event edge.enrolled)" "${ends[$1]}"; }

ROUNDS=${ROUNDS:-20} EPOCHS=${EPOCHS:-40} DEADLINE=${deadline}s lay_out 3
lay_cables 1 server "${edges[@]}"
cable set '*' delay=5
start_logged_server
for edge in "${edges[@]}"; do
  : > "$edge.log"
  start_logged_edge "$edge"
done

begin "edge-01 is stopped"
kill -STOP "${pids[edge-01]}"
notices server "$(lost edge-01)"
until_true "$deadline" "a round ends without it" says server "$(event round.finished)" "${ends[server]}"
mark
kill -CONT "${pids[edge-01]}"
is_back edge-01

begin "the server is stopped"
kill -STOP "${pids[server]}"
for edge in "${edges[@]}"; do notices "$edge" "$(lost)"; done
kill -CONT "${pids[server]}"
for edge in "${edges[@]}"; do is_back "$edge"; done

begin "the cable of edge-02 is pulled"
cable pull edge-02
notices server "$(lost edge-02)"
notices edge-02 "$(lost)"
until_true "$deadline" "a round ends without it" says server "$(event round.finished)" "${ends[server]}"
mark
cable plug edge-02
is_back edge-02

begin "a NAT forgets edge-03"
cable forget edge-03
notices server "$(lost edge-03)"
notices edge-03 "$(lost)"
is_back edge-03

until_true 180 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
unset "pids[server]"
rounds_are_sound "$deadline"
rounds_in_log > seconds
seconds_are_at_most $((deadline + 1))
nobody_erred server "${edges[@]}"
cables_carried
echo "passed"
