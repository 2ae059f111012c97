#!/usr/bin/env bash
# An edge without its server: it trains on, keeps what it trained through its own kill -9, offers that from its store
# and does not train again; it predicts from its newest model; and its folder is its own.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

# says EDGE EVENT: whether its log has it
says() { grep -q "$2" "$1.log"; }
keeps_update() { "$godwit" inspect state-edge-01 | grep -q update_trained; }
# refuses STATUS PHRASE COMMAND...
refuses() {
  local status=$1 phrase=$2 got=0
  shift 2
  "$@" > out.log 2>&1 || got=$?
  [ "$got" = "$status" ] || fail "$* ended with $got, not $status"
  grep -qF -- "$phrase" out.log || fail "$* does not say: $phrase"
}

ROUNDS=2 EPOCHS=1000 DEADLINE=120s lay_out 2
start_server
keep_port
lay_out_edge edge-01
refuses 1 'there is no model of this kind' "$godwit" edge predict --config edge-01.yml
for i in 1 2; do start_edge "edge-0$i"; done
until_true 30 "edge-01 trains" says edge-01 'training.started round=1'
until_true 30 "edge-02 trains" says edge-02 'training.started round=1'
stop server
until_true 60 "edge-01 trains on without a server" says edge-01 'training.finished round=1'
until_true 60 "edge-02 trains on without a server" says edge-02 'training.finished round=1'
until_true 10 "edge-01 keeps its update" keeps_update
stop edge-01
start_edge edge-01
until_true 10 "edge-01 finds its update" says edge-01 'update.restored round=1'
refuses 78 'is used by another edge' "$godwit" edge --config edge-01.yml

: > server.log
start_server
until_true 60 "round 1 ends" has_rounds 1
until_true 30 "edge-01 hears that its update counts" says edge-01 'update.counted round=1'
for i in 1 2; do
  [ "$(grep -c 'training.started round=1' "edge-0$i.log")" = 1 ] || fail "edge-0$i trained for round 1 again"
done
head -n 1 run/rounds.jsonl | grep -q '"reporters":2' || fail "round 1 should have both updates"
stop server

"$godwit" edge predict --config edge-01.yml --output own.csv > predict.log || fail "edge predict"
awk '/^accuracy/ { exit !($2 > 0.5) }' predict.log || fail "the newest model should be better than chance"
[ "$(wc -l < own.csv)" = "$(($(awk '/^examples/ { print $2 }' predict.log) + 1))" ] || fail "a line for each example"
awk 'BEGIN { for (i = 0; i < 60; ++i) printf "x%d%s", i, i < 59 ? "," : "\n"
             for (i = 0; i < 60; ++i) printf "0.5%s", i < 59 ? "," : "\n" }' > input.csv
"$godwit" edge predict --config edge-01.yml --input input.csv > unknown.csv || fail "edge predict --input"
[ "$(head -n 1 unknown.csv)" = predicted ] && [ "$(wc -l < unknown.csv)" = 2 ] || fail "one prediction of an unknown label"
cut -d, -f1-59 input.csv > narrow.csv
refuses 1 '59 columns of features' "$godwit" edge predict --config edge-01.yml --input narrow.csv
refuses 1 'only the program that trains it' "$godwit" edge predict --config edge-01.yml --set model=custom
refuses 64 'config' "$godwit" edge
echo "passed"
