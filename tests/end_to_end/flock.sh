# What the end-to-end tests share: a small federation of real processes in a folder, made, watched and ended.
# Sourced as: . flock.sh EXECUTABLE FOLDER
# shellcheck shell=bash
set -euo pipefail
godwit=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
declare -A pids=()

fail() {
  echo "FAILED: $*" >&2
  for log in *.log; do [ -f "$log" ] && { echo "--- $log" >&2; tail -n 30 "$log" >&2; }; done
  exit 1
}

# Ends only what was started here.
cleanup() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
}
trap cleanup EXIT

# until_true SECONDS DESCRIPTION COMMAND...: polls; fails the test when the time is over.
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt "$end" ] || fail "not within its time: $what"
    pause 0.05
  done
}

# draw_seed: of $RANDOM, printed; SEED gives an earlier one again.
draw_seed() {
  local seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
  echo "seed $seed"
  RANDOM=$((seed % 32768))
}

# pause SECONDS
pause() { read -rt "$1" <> <(:) || true; }

# pause_up_to MILLISECONDS: for a part of it that is drawn.
pause_up_to() { pause "0.$(printf '%03d' $((RANDOM % $1)))"; }

# refuses PHRASE COMMAND...: the command fails, and says so.
refuses() {
  local phrase=$1
  shift
  if "$@" > refused 2>&1; then fail "$* was accepted"; fi
  grep -qF -- "$phrase" refused || fail "$* does not say: $phrase ($(cat refused))"
}

has_rounds() { [ -f run/rounds.jsonl ] && [ "$(wc -l < run/rounds.jsonl)" -ge "$1" ]; }
is_running() { kill -0 "${pids[$1]}" 2>/dev/null; }
is_over() { ! is_running "$1"; }
somebody_is_back() { grep -q 'edge.enrolled' server.log || is_over server; }

# Of a run's rounds, and of its privacy ledger.
committed() { if [ -f run/rounds.jsonl ]; then grep -c '"outcome":"committed"' run/rounds.jsonl || true; else echo 0; fi; }
releases() { "$godwit" privacy spent state | awk '$1 == "releases" { print $2 }'; }
epsilon_at() { "$godwit" privacy spent state --delta "$1" | awk '$1 == "epsilon" { print $2 }'; }

# launch NODE COMMAND...: becomes the command, where that node is; run in the background only. Here: on this machine.
launch() { shift; exec "$@"; }

# A free port: the server takes one, says which in its log, and keeps it when it is started again.
port_in_log() { sed -n 's/.*server.listening.*port"*[=:]\([0-9]*\).*/\1/p' server.log | tail -n 1; }
is_listening() { [ -n "$(port_in_log)" ]; }
port() { if [ "${listen##*:}" = 0 ]; then port_in_log; else echo "${listen##*:}"; fi; }

# lay_out EDGES: keys, server.yml and an edge.yml each. Data: FedProx Synthetic, made by each from the same seed.
listen=127.0.0.1:0
lay_out() {
  local edges=$1
  "$godwit" keys all --folder keys --host "${listen%:*}" --edges "$edges" > keys.log
  cat > server.yml <<YML
listen: $listen
tls: {certificate: keys/server.pem, key: keys/server.key, authority: keys/ca.pem}
state: state
out: run
seed: 7
test_data: {source: synthetic, alpha: 0.5, beta: 0.5}
wait_for_edges: $edges
job:
  model: ${MODEL:-softmax}
  rounds: ${ROUNDS:-6}
  federated_evaluate_every: 1
  round: {cohort: $edges, cohort_min: 2, over_selection: 1.0, deadline: ${DEADLINE:-8s}}
  client: {epochs: ${EPOCHS:-1}, batch_size: 10, learning_rate: 0.01}
YML
}

start_server() {
  launch server "$godwit" server --config server.yml "$@" >> server.log 2>&1 &
  pids[server]=$!
  until_true 20 "the server listens" is_listening
}

# keep_port: the server, started again, listens where it does now.
keep_port() { sed -i "s/^listen: .*/listen: 127.0.0.1:$(port_in_log)/" server.yml; }

# start_server_anew OPTION...: its log so far goes to all.log.
start_server_anew() {
  cat server.log >> all.log
  : > server.log
  start_server "$@"
}

# lay_out_edge NAME: dials the port that the server got.
lay_out_edge() {
  local name=$1
  cat > "$name.yml" <<YML
server: ${listen%:*}:$(port)
tls: {certificate: keys/$name.pem, key: keys/$name.key, authority: keys/ca.pem}
state: state-$name
model: ${MODEL:-softmax}
data: {source: synthetic, alpha: 0.5, beta: 0.5}
power: {source: none}
YML
}

# start_edge NAME OPTION...
start_edge() {
  local name=$1
  shift
  lay_out_edge "$name"
  launch "$name" "$godwit" edge --config "$name.yml" "$@" >> "$name.log" 2>&1 &
  pids[$name]=$!
}

stop() { kill -9 "${pids[$1]}"; wait "${pids[$1]}" 2>/dev/null || true; unset "pids[$1]"; }

# models_agree ONE OTHER LIMIT: whether two .safetensors hold the same number of values, which differ by less than LIMIT.
models_agree() {
  python3 - "$@" <<'PY'
import json, struct, sys

def values(path):
    content = open(path, "rb").read()
    (length,) = struct.unpack("<Q", content[:8])
    assert json.loads(content[8:8 + length])
    body = content[8 + length:]
    return struct.unpack(f"<{len(body) // 4}f", body)

one, other = values(sys.argv[1]), values(sys.argv[2])
worst = max(abs(a - b) for a, b in zip(one, other))
print(f"{len(one)} parameters, largest difference {worst:.2g}")
sys.exit(0 if len(one) == len(other) and worst < float(sys.argv[3]) else 1)
PY
}

# json FIELD FILE: that field of each line, one a line.
json() { grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" "$2" | sed 's/^[^:]*://; s/^"//; s/"$//'; }
