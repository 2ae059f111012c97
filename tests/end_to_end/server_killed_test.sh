#!/usr/bin/env bash
# kill -9 of the server: started again with the same command, it goes on from the last finished round, the edges come
# back by themselves, and the final model is the same bits as in a run that nobody disturbed.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

ROUNDS=8 EPOCHS=400 lay_out 3
start_server
sed -i "s/^listen: .*/listen: 127.0.0.1:$(port_in_log)/" server.yml
for i in 1 2 3; do start_edge "edge-0$i"; done
for rounds in 2 5; do
  until_true 40 "$rounds rounds are over" has_rounds "$rounds"
  stop server
  : > server.log
  start_server
done
until_true 90 "the run ends" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"
disturbed=$(tail -n 1 run/rounds.jsonl | grep -o '"model_sha256":"[0-9a-f]*"')
[ "$(json round run/rounds.jsonl | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 " ] || fail "each round stands once, in order"
[ -s run/report.html ] && [ -s run/model.safetensors ] && [ -s run/model.npz ] || fail "a result is missing"

mv run disturbed
rm -r state
: > server.log
start_server
until_true 90 "the undisturbed run ends" is_over server
undisturbed=$(tail -n 1 run/rounds.jsonl | grep -o '"model_sha256":"[0-9a-f]*"')
[ "$disturbed" = "$undisturbed" ] || fail "$disturbed became $undisturbed without the kills"
echo "passed"
