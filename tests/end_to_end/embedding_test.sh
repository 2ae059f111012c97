#!/usr/bin/env bash
# A host application needs the installed package and nothing else: two examples are built against an empty prefix that
# godwit was installed into, and fly; and trainers that throw, hang or return garbage cost only their own edge's rounds.
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"
build=$(dirname "$(dirname "$godwit")")
prefix=$PWD/prefix

cmake --install "$build" --prefix "$prefix" > install.log 2>&1 || fail "cmake --install"
[ -x prefix/bin/godwit ] || fail "the executable is not installed"

# What a host includes brings godwit's own headers and the standard library's, and no other.
echo '#include <godwit/runtime/node.hpp>' > probe.cpp
"${CXX:-c++}" -std=c++20 -I prefix/include -M probe.cpp > headers.log || fail "node.hpp does not stand alone"
grep -q 'godwit/runtime/node.hpp' headers.log || fail "node.hpp is not the installed one"
! grep -oE '[^ ]*/(caf|xtensor|xtl|botan[^/]*|openssl|fmt|nlohmann|yaml-cpp|cereal)/[^ ]*|[^ ]*/asio[^ ]*' headers.log ||
  fail "node.hpp brings a library's headers"

# The program that runtime/README.md shows is one.
awk '/^```/ { if (shown) exit; shown = /cpp$/; next } shown' "$tree/runtime/README.md" > shown.cpp
grep -q 'int main()' shown.cpp || fail "runtime/README.md does not begin with a program"
"${CXX:-c++}" -std=c++20 -Wall -Wextra -Werror -I prefix/include -fsyntax-only shown.cpp || fail "the shown program"

# build_host SOURCE NAME: against the installed package.
build_host() {
  local launcher=()
  ! command -v ccache > /dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -S "$tree/$1" -B "hosts/$2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wshadow -Wconversion -Werror" "${launcher[@]}" > "$2.cmake.log" 2>&1 &&
    cmake --build "hosts/$2" > "$2.build.log" 2>&1
}
build_host runtime/examples/own_actor_system own_actor_system &
pids[building]=$!
build_host runtime/examples/host_app host_app || fail "host_app is not built"
build_host tests/end_to_end/misbehaving_host misbehaving_host || fail "misbehaving_host is not built"
wait "${pids[building]}" || fail "own_actor_system is not built"
unset "pids[building]"
! grep -rlE "$tree/(messages|actors|runtime)/(include|src)" hosts --include=*.ninja || fail "a host sees the source tree"
echo "built after $SECONDS s"

# The second example: all roles in the host's own actor system.
godwit=$prefix/bin/godwit
"$godwit" keys all --folder keys --edges 9 > keys.log
hosts/own_actor_system/own_actor_system keys own > own.log 2>&1 || fail "own_actor_system"
[ "$(grep -o '"outcome":"reported"' own/run/rounds.jsonl | wc -l)" -eq 6 ] || fail "two edges report in three rounds"
grep -q 'the watcher saw 2 edges and round 3' own.log || fail "the coordinator does not answer the host's actor"

# The first example, twice, beside trainers of every kind of badness. A custom model begins with a file: zeros, here.
tensors='{"weight":{"dtype":"F32","shape":[1,4],"data_offsets":[0,16]},"bias":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}'
{ printf '%b' "\\x$(printf '%x' ${#tensors})\\0\\0\\0\\0\\0\\0\\0$tensors"; head -c 20 /dev/zero; } > first.safetensors
cat > server.yml <<'YML'
listen: 127.0.0.1:0
tls: {certificate: keys/server.pem, key: keys/server.key, authority: keys/ca.pem}
state: state
out: run
test_data: {source: none}
wait_for_edges: 8
job:
  model: custom
  initial_model: first.safetensors
  rounds: 4
  federated_evaluate_every: 4
  round: {cohort: 8, cohort_min: 2, over_selection: 1.0, deadline: 5s}
  client: {epochs: 2, batch_size: 10, learning_rate: 0.02}
YML
start_server
for i in 1 2; do
  hosts/host_app/host_app "127.0.0.1:$(port_in_log)" keys "edge-0$i" > "edge-0$i.log" 2>&1 &
  pids[edge-0$i]=$!
done
hosts/misbehaving_host/misbehaving_host "127.0.0.1:$(port_in_log)" keys > misbehaving.log 2>&1 &
pids[misbehaving]=$!
until_true 60 "the run comes to its end" is_over server
wait "${pids[server]}" || fail "the server ended with status $?"

# in_each_round CLIENT OUTCOMES: what the four rounds say of it, in order.
in_each_round() {
  local said
  said=$(grep -o "\"client\":\"$1\",\"outcome\":\"[^\"]*\"" run/rounds.jsonl | cut -d'"' -f8 | tr '\n' ';') || true
  [[ $said =~ ^($2)$ ]] || fail "$1: $said"
}
[ "$(grep -c '"outcome":"committed"' run/rounds.jsonl)" -eq 4 ] || fail "all four rounds should have been committed"
in_each_round edge-01 '(reported;){4}'
in_each_round edge-02 '(reported;){4}'
in_each_round edge-03 '(declined: the trainer failed;){4}' # it throws
in_each_round edge-04 '(value_not_finite;){4}'
in_each_round edge-05 '(value_out_of_range;){4}'
in_each_round edge-06 '(declined: the trainer failed;){4}' # it counts no example
in_each_round edge-07 'deadline passed;.*declined: the trainer failed;' # it hangs, and its edge says so from then on
in_each_round edge-08 '' # of another shape, it is not enrolled
in_each_round edge-09 '(reported;){4}' # it hangs in the last round's evaluation
grep -q 'edge.refused client=edge-08 why=wrong_job' server.log || fail "the server does not say why edge-08 is refused"
# What the two that evaluate say: they learned together, and the one that hangs did not cost them their figures.
json federated_accuracy run/rounds.jsonl | awk '{ accuracy = $1 } END { exit !(accuracy > 0.8) }' ||
  fail "the edges did not learn together"

# Stopping a host ends within its patience, even where a trainer never returns.
for host in edge-01 edge-02 misbehaving; do
  kill -TERM "${pids[$host]}"
  until_true 10 "$host stops" is_over "$host"
  wait "${pids[$host]}" || fail "$host ended with status $?"
  unset "pids[$host]"
done
grep -h 'stopped within' misbehaving.log
echo "passed after $SECONDS s"
