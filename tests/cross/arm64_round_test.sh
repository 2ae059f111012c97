#!/usr/bin/env bash
# An edge compiled for 64-bit ARM, run in qemu, takes part beside one of this machine's kind: both report to one server.
# shellcheck source-path=SCRIPTDIR source=../end_to_end/flock.sh
DEADLINE=60s ROUNDS=2
. "$(dirname "${BASH_SOURCE[0]}")/../end_to_end/flock.sh"
arm64_edge=$3/build/edge-arm64/bin/godwit-edge
sysroot=$3/build/sysroot/arm64
emulator=qemu-aarch64-static

for needed in "$arm64_edge" "$sysroot/complete" "$(command -v "$emulator" || echo "$emulator")"; do
  [ -e "$needed" ] || { echo "skipped: there is no $needed; \`tests/run --cross\` makes it"; exit 77; }
done

# reported NAME ROUNDS: in so many rounds.
reported() { [ "$(grep -c "\"client\":\"$1\",[^}]*\"outcome\":\"reported\"" run/rounds.jsonl)" -eq "$2" ]; }

lay_out 2
start_server --seed 7
start_edge edge-01
lay_out_edge edge-02
"$emulator" -L "$sysroot" "$arm64_edge" --config edge-02.yml >> edge-02.log 2>&1 &
pids[edge-02]=$!
until_true 120 "the server's job is done" is_over server
has_rounds "$ROUNDS" || fail "not every round is written"
for name in edge-01 edge-02; do
  reported "$name" "$ROUNDS" || fail "$name did not report in every round"
done
echo "passed"
