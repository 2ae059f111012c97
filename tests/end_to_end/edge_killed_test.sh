#!/usr/bin/env bash
# kill -9 of an edge, in any phase of a round, costs the rounds nothing but that edge; started again, it takes part again.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

ROUNDS=16 EPOCHS=300 DEADLINE=10s lay_out 4
start_server
for i in 1 2 3 4; do start_edge "edge-0$i"; done
until_true 30 "the first round is over" has_rounds 1

# Four kills at moments that fall into different phases, each followed by a fresh start of the same edge.
for pause in 0.02 0.11 0.23 0.37; do
  read -rt "$pause" <> <(:) || true
  before=$(wc -l < run/rounds.jsonl)
  stop edge-03
  until_true 25 "a round ends without edge-03" has_rounds $((before + 1))
  start_edge edge-03
  until_true 25 "a round ends after edge-03 has come back" has_rounds $((before + 3))
  is_over server && break
done
until_true 60 "the run goes on to its end" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"

[ "$(grep -c '"outcome":"committed"' run/rounds.jsonl)" -ge 16 ] || fail "16 rounds should have been committed"
grep -q '"outcome":"connection lost"' run/rounds.jsonl || fail "no round says that edge-03 was lost"
tail -n 2 run/rounds.jsonl | head -n 1 | grep -q '"client":"edge-03","outcome":"reported"' ||
  fail "edge-03 does not take part again"
for ms in $(json collecting_seconds run/rounds.jsonl); do
  awk -v s="$ms" 'BEGIN { exit !(s < 11.0) }' || fail "a round took $ms s and its deadline was 10 s"
done
echo "passed"
