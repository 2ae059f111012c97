#!/usr/bin/env bash
# Are an edge's secrets of a round anywhere but in its own journal, and are they gone from there when the round is over? A
# copy of the journals from the middle of the round says what the secrets are. They are looked for in all files that the
# server and the edges leave: journals, checkpoints, models, logs, records and the report. One edge is killed behind its
# vector, in the middle of the round, and one after it is started again.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"
traces=${godwit%/*}/secret_traces

edges=(edge-01 edge-02 edge-03 edge-04 edge-05)
has() { grep -q "$2" "$1.log"; }
has_shares() { "$godwit" inspect "state-$1" | grep -q delivered_shares; }
is_wiped() { ! "$godwit" inspect "state-$1" | grep -q secure_task_taken; }
count() { grep -l "$1" edge-*.log 2>/dev/null | wc -l; }
at_least() { [ "$(count "$1")" -ge "$2" ]; }

ROUNDS=1 EPOCHS=400 DEADLINE=60s lay_out 5
sed -i 's/^job:$/job:\n  secure_sum: {profile: semi_honest}/; s/federated_evaluate_every: 1/federated_evaluate_every: 0/
        s/cohort_min: 2/cohort_min: 4/' server.yml
start_server --log-level debug
for edge in "${edges[@]}"; do start_edge "$edge" --set secure_sum=required --log-level debug; done
until_true 60 "all have shared" at_least secure_sum.shared 5
kill -STOP "${pids[edge-05]}" # holds the round up until all is copied
for edge in edge-01 edge-02 edge-03 edge-04; do
  until_true 30 "$edge has its neighbours' shares" has_shares "$edge"
  mkdir "copy-$edge"
  cp "state-$edge/journal" "copy-$edge/"
done
stop edge-02 # with its secrets in its journal; it goes on with them
start_edge edge-02 --set secure_sum=required --log-level debug
until_true 60 "edge-03 is counted" has edge-03 update.counted
kill -CONT "${pids[edge-05]}"
until_true 90 "the round ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
[ "$(json outcome run/rounds.jsonl | head -n 1)" = committed ] || fail "the round was abandoned: $(cat run/rounds.jsonl)"
for edge in edge-01 edge-02 edge-03 edge-04; do
  until_true 10 "$edge has wiped its part" is_wiped "$edge"
done
for edge in "${edges[@]}"; do stop "$edge"; done

for edge in edge-01 edge-02 edge-03 edge-04; do
  # The search finds what is there: the seed in the copy, also where it stands in another form.
  "$traces" "copy-$edge" "copy-$edge/journal" > found.txt && fail "the search does not find the seed where it is"
  grep -q 'journal: seed, as bytes' found.txt || fail "the search finds something else: $(cat found.txt)"
  "$traces" "copy-$edge" state run server.log state-edge-?? edge-??.log server.yml edge-??.yml > left.txt ||
    fail "secrets of $edge were left: $(cat left.txt)"
  tail -n 1 left.txt
done
python3 - copy-edge-01/journal coded.txt <<'PY'
import base64, sys
content = open(sys.argv[1], "rb").read()
open(sys.argv[2], "w").write(content.hex() + "\n" + base64.b64encode(b"x" + content).decode())
PY
"$traces" copy-edge-01 coded.txt > found.txt && fail "the search does not read hex and base64"
grep -q 'seed, as hex' found.txt || fail "the search does not read hex"
grep -q 'seed, as base64' found.txt || fail "the search does not read base64"
echo "passed"
