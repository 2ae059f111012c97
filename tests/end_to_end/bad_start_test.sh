#!/usr/bin/env bash
# What cannot start says why, all at once, and with which status: bad configurations, keys, folders, command lines.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

# refuses STATUS PHRASE COMMAND...
refuses() {
  local status=$1 phrase=$2 got=0
  shift 2
  "$@" > out.log 2>&1 || got=$?
  [ "$got" = "$status" ] || fail "$* ended with $got, not $status"
  grep -qF -- "$phrase" out.log || { cat out.log >&2; fail "$* does not say: $phrase"; }
}

lay_out 2
cp server.yml good.yml
sed -i 's/cohort: 2/cohort: -3/; s/rounds: 6/runds: 6/' server.yml
refuses 78 'server.yml:10: job.runds' "$godwit" server --config server.yml
refuses 78 'job.round.cohort: found "-3"' "$godwit" server --config server.yml
refuses 78 'job.round.cohort: found "-3"' "$godwit" config check server.yml
cp good.yml server.yml
refuses 78 'nothere.yml' "$godwit" server --config nothere.yml
refuses 78 'job.model' "$godwit" server --config server.yml --set job.model=resnet
refuses 64 'required' "$godwit" server
refuses 64 'flie' "$godwit" flie
refuses 0 'server configuration' "$godwit" config check good.yml
refuses 0 'Usage' "$godwit" --help
refuses 0 'job.round.cohort' "$godwit" config reference

sed 's/server.pem/edge-01.pem/; s/server.key/edge-01.key/' good.yml > wrong_role.yml
refuses 1 'for the role edge' "$godwit" server --config wrong_role.yml
sed 's/server.key/edge-01.key/' good.yml > wrong_key.yml
refuses 1 'edge-01.key' "$godwit" server --config wrong_key.yml
chmod 644 keys/server.key
refuses 1 'everyone on this machine' "$godwit" server --config good.yml
chmod 640 keys/server.key

start_server
refuses 78 'is used by another server' "$godwit" server --config server.yml --out other
refuses 69 'refused' "$godwit" status --server 127.0.0.1:1
"$godwit" status --server "127.0.0.1:$(port_in_log)" > status.log || fail "status does not answer"
grep -q 'waiting' status.log || fail "status does not say that it waits"
"$godwit" status --json --server "127.0.0.1:$(port_in_log)" | grep -q '"phase":"waiting"' || fail "status --json"
stop server
[ "$(stat -c %a keys/ca.key)" = 600 ] && [ "$(stat -c %a state/token.seed)" = 600 ] || fail "secrets that others can read"
echo "passed"
