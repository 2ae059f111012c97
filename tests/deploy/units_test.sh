#!/usr/bin/env bash
# systemd takes the units without a word and finds little that they expose; a broken unit, and one that has lost its
# hardening, are noticed. What they start does start, with the key only where systemd puts it, and ends when it is told to.
# shellcheck source-path=SCRIPTDIR source=ground.sh
. "$(dirname "${BASH_SOURCE[0]}")/ground.sh"
godwit=$3
godwit_edge=$source_tree/build/edge/bin/godwit-edge
exposure_max=25 # in tenths: 2.5

# Ends only what was started here, where a test fails in between.
trap 'jobs -p | xargs -r kill 2>/dev/null || true' EXIT

need systemd-analyze
start_edge="$godwit edge" # the same words with the same meaning
[ ! -x "$godwit_edge" ] || start_edge=$godwit_edge

# installed UNIT: a copy of it that starts the executable which was built, as if it were installed.
installed() {
  sed -E "s#/usr/bin/godwit-edge#$start_edge#; s#/usr/bin/godwit #$godwit #" \
    "$source_tree/deploy/systemd/$1.service" >"$1.service"
}

# starts ROLE SIGN: the unit's command line, as systemd would run it, says SIGN in its log and ends well on SIGTERM.
starts() {
  local role=$1 sign=$2 line pid status=0
  line=$(sed -n '/^ExecStart=/,/[^\\]$/ {s/^ExecStart=//; s/\\$//; p}' "godwit-$role.service" | tr -d '\n')
  mkdir -p "credentials-$role" "state-$role"
  mv "etc/keys/$role.key" "credentials-$role/"
  CREDENTIALS_DIRECTORY=$PWD/credentials-$role STATE_DIRECTORY=$PWD/state-$role \
    bash -c "exec ${line//\/etc\/godwit/$PWD/etc}" >"$role.log" 2>&1 &
  pid=$!
  until grep -q "$sign" "$role.log"; do
    kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt 60 ] || { cat "$role.log" >&2; fail "the $role does not start"; }
    read -rt 0.1 <> <(:) || true
  done
  kill "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq 0 ] || { cat "$role.log" >&2; fail "the $role ends with $status when it is told to stop"; }
}

# is_sound UNIT: systemd has nothing to say about it. What it says of other units of this machine does not count.
is_sound() {
  local status=0
  systemd-analyze verify --man=no "./$1.service" >verify.log 2>&1 || status=$?
  ! grep -F "$1.service" verify.log && [ "$status" -eq 0 ]
}

is_hardened() {
  systemd-analyze security --offline=true --no-pager --threshold="$exposure_max" "./$1.service" >security.log 2>&1
}

# notices CHECK UNIT SED: with this change, the check fails.
notices() {
  installed "$2"
  cp "$2.service" before
  sed -i "$3" "$2.service"
  ! cmp -s "$2.service" before || fail "nothing was broken by: $3"
  ! "$1" "$2" || fail "$2 passes $1 with: $3"
}

for unit in godwit-server godwit-edge; do
  installed "$unit"
  is_sound "$unit" || { cat verify.log >&2; fail "systemd does not take $unit"; }
  is_hardened "$unit" || { tail -n 3 security.log >&2; fail "$unit exposes more than $exposure_max tenths"; }
  grep 'Overall' security.log
  notices is_sound "$unit" 's/^ProtectSystem=/ProtectSystm=/'
  notices is_sound "$unit" 's/^Restart=.*/Restart=allways/'
  notices is_sound "$unit" 's/^SystemCallFilter=@system-service/SystemCallFilter=@systems/'
  notices is_sound "$unit" 's#^ExecStart=#&/nowhere#'
  notices is_hardened "$unit" '/^CapabilityBoundingSet/d; /^SystemCallFilter/d; /^RestrictNamespaces/d; /^PrivateUsers/d; /^NoNewPriv/d'
done

"$godwit" keys all --folder etc/keys --edges 1 >keys.log
mv etc/keys/edge-01.key etc/keys/edge.key
sed 's/^listen:.*/listen: 127.0.0.1:0/; s/source: fashion-mnist/source: none/' \
  "$source_tree/deploy/config/server.yml" >etc/server.yml
sed 's/^server:.*/server: 127.0.0.1:1/; s/source: fashion-mnist/source: synthetic/; s/mlp-2nn/softmax/' \
  "$source_tree/deploy/config/edge.yml" >etc/edge.yml
installed godwit-server
installed godwit-edge
starts server server.listening
starts edge link.down
[ -d state-server/state ] && [ -d state-server/run ] || fail "the server does not write where the unit says"
echo "passed"
