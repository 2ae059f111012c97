#!/usr/bin/env bash
# systemd takes the units without a word and finds little that they expose; a broken unit, and one that has lost its
# hardening, are noticed. The command lines in them are ones that godwit understands.
# shellcheck source-path=SCRIPTDIR source=ground.sh
. "$(dirname "${BASH_SOURCE[0]}")/ground.sh"
godwit=$3
exposure_max=25 # in tenths: 2.5

need systemd-analyze

# installed UNIT: a copy of it that starts the executable which was built, as if it were installed.
installed() {
  sed -E "s#/usr/bin/godwit(-edge)?#$godwit#" "$source_tree/deploy/systemd/$1.service" >"$1.service"
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
  notices is_sound "$unit" "s#^ExecStart=$godwit#ExecStart=/nowhere#"
  notices is_hardened "$unit" '/^CapabilityBoundingSet/d; /^SystemCallFilter/d; /^RestrictNamespaces/d; /^PrivateUsers/d; /^NoNewPriv/d'
done
echo "passed"
