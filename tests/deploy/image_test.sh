#!/usr/bin/env bash
# The images hold what they should and no more, keep to their size, and fly: a server and two edges in locked-down
# containers finish a run over mutual TLS. Packed from what is compiled already, without a daemon and without a network.
# shellcheck source-path=SCRIPTDIR source=ground.sh
. "$(dirname "${BASH_SOURCE[0]}")/ground.sh"
# shellcheck source-path=SCRIPTDIR source=containers.sh
. "$source_tree/tests/deploy/containers.sh"
godwit=$3
godwit_edge=$source_tree/build/edge/bin/godwit-edge
data=/usr/share/datasets/fashion-mnist

need podman runc
[ -d "$data" ] || skip "there is no $data; \`tests/run\` installs it"

# pack ROLE EXECUTABLE GOAL MAX: makes the image godwit-ROLE and looks at what it is; its size, in megabytes, is told
# beside the goal, and more than the maximum is a fault.
pack() {
  local role=$1 goal=$3 max=$4 bytes strangers
  "$source_tree/deploy/stage-root" "$2" "root-$role"
  podman build --quiet --build-context "$role-root=root-$role" --target "$role" --tag "godwit-$role" \
    --file "$source_tree/deploy/Containerfile" "$source_tree" >build.log 2>&1 ||
    { cat build.log >&2; fail "the image of the $role is not built"; }
  bytes=$(podman image inspect --format '{{.Size}}' "godwit-$role")
  echo "godwit-$role: $bytes bytes; the goal is $goal MB, and at most $max MB are allowed"
  [ "$bytes" -le $((max * 1000000)) ] || fail "the image of the $role is larger than $max MB"
  podman create --name look "godwit-$role" >/dev/null
  strangers=$(podman export look | tar -t |
    grep -vE '/$|^(usr/)?lib(64)?/.*\.so[.0-9]*$|^usr/bin/godwit(-edge)?$|^usr/share/doc/[^/]*/copyright\.gz$' |
    grep -vE '^etc/(passwd|group|nsswitch.conf)$') || true
  podman rm look >/dev/null
  [ -z "$strangers" ] || fail "the image of the $role holds what it should not: $strangers"
}

# fly NAME MOUNTS... -- IMAGE ARGUMENTS...: a container that may do nothing but run, with its own certificate and key.
fly() {
  local name=$1 mounts=()
  shift
  for ((; $# > 0; )); do
    [ "$1" != -- ] || { shift; break; }
    mounts+=(--volume "$1")
    shift
  done
  podman secret create "$name" "keys/$name.key" >/dev/null
  podman run --detach --name "$name" --read-only --cap-drop=ALL --security-opt=no-new-privileges --network=host \
    --secret "$name,target=/etc/godwit/keys/$name.key,uid=10001,mode=0400" \
    --volume "$PWD/keys/$name.pem:/etc/godwit/keys/$name.pem:ro" --volume "$PWD/keys/ca.pem:/etc/godwit/keys/ca.pem:ro" \
    "${mounts[@]}" "$@" >/dev/null || fail "$name does not start"
}

port_in_log() { podman logs server 2>&1 | sed -n 's/.*server.listening.*port=\([0-9]*\).*/\1/p'; }
is_listening() { [ -n "$(port_in_log)" ]; }
is_over() { [ "$(podman inspect --format '{{.State.Running}}' "$1")" = false ]; }
exit_code() { podman inspect --format '{{.State.ExitCode}}' "$1"; }

# is_locked NAME: its process is not root's, has no capability and gains none, and its system calls are filtered.
is_locked() {
  local status
  status=/proc/$(podman inspect --format '{{.State.Pid}}' "$1")/status
  ! grep -qE '^Uid:\s0\s' "$status" && grep -qE '^CapBnd:\s0+$' "$status" && grep -qE '^CapEff:\s0+$' "$status" &&
    grep -qE '^NoNewPrivs:\s1$' "$status" && grep -qE '^Seccomp:\s2$' "$status"
}

mkdir somebodys && touch somebodys/file
! "$source_tree/deploy/stage-root" "$godwit" somebodys 2>stage.log || fail "a folder of somebody else's was staged over"
[ -f somebodys/file ] || fail "a refused folder was emptied"

pack server "$godwit" 70 70
edge_image=(godwit-server edge --config /etc/godwit/edge.yml --set state=/var/lib/godwit/state)
if [ -x "$godwit_edge" ]; then
  pack edge "$godwit_edge" 14 15
  edge_image=(godwit-edge)
else
  echo "build/edge/bin/godwit-edge is not built, so both edges fly in the server's image"
fi
podman run --rm godwit-server --version >run.log 2>&1 || skip "containers cannot run here: $(tail -n 1 run.log)"

"$godwit" keys all --folder keys --edges 2 >keys.log
sed 's/0.0.0.0:7443/127.0.0.1:0/; s/wait_for_edges: 3/wait_for_edges: 2/; s/rounds: 20/rounds: 2/; s/cohort: 3/cohort: 2/' \
  "$source_tree/deploy/kubernetes/server/server.yml" >server.yml
fly server "$PWD/server.yml:/etc/godwit/server.yml:ro" flight:/var/lib/godwit -- godwit-server
until_true 30 "the server listens" is_listening
for name in edge-01 edge-02; do
  sed "s/godwit-server:7443/127.0.0.1:$(port_in_log)/; s#keys/edge\.#keys/$name.#; s#folder: /data#&\n  example_limit: 2000#" \
    "$source_tree/deploy/kubernetes/edge/edge.yml" >"$name.yml"
  fly "$name" "$PWD/$name.yml:/etc/godwit/edge.yml:ro" "$data:/data:ro" -- "${edge_image[@]}"
  is_locked "$name" || fail "$name may do more than it needs"
done

until_true 90 "the run is over" is_over server
podman logs server >server.log 2>&1
podman stop --time 10 edge-01 edge-02 >/dev/null
[ "$(exit_code server)" = 0 ] || { cat server.log >&2; fail "the server ended with $(exit_code server)"; }
[ "$(exit_code edge-01)" = 0 ] || { podman logs edge-01 >&2; fail "an edge that is stopped ends with $(exit_code edge-01)"; }
podman cp server:/var/lib/godwit/run . || fail "there are no results"
[ "$(grep -c '"outcome":"committed"' run/rounds.jsonl)" = 2 ] || fail "not every round was finished"
[ -s run/report.html ] && [ -s run/model.safetensors ] || fail "there is no report or no model"
head -n 1 run/rounds.jsonl | cut -c 1-200
echo "passed"
