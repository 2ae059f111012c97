#!/usr/bin/env bash
# The whole Containerfile, from an empty distribution to images that start. Takes many minutes, so it is run only where
# GODWIT_DEPLOY_FULL=1 says so. The distribution is made from this machine's own package sources, not from a registry.
# shellcheck source-path=SCRIPTDIR source=ground.sh
. "$(dirname "${BASH_SOURCE[0]}")/ground.sh"
# shellcheck source-path=SCRIPTDIR source=containers.sh
. "$source_tree/tests/deploy/containers.sh"

[ "${GODWIT_DEPLOY_FULL:-}" = 1 ] || skip "GODWIT_DEPLOY_FULL=1 runs it; it takes many minutes"
need podman runc mmdebstrap
# shellcheck source=/dev/null
. /etc/os-release
sources=/etc/apt/sources.list.d/$ID.sources
[ -f "$sources" ] || skip "there is no $sources to make a distribution from"

mmdebstrap --variant=minbase --aptopt='Apt::Install-Recommends "false"' "$VERSION_CODENAME" base.tar - <"$sources" \
  2>mmdebstrap.log || { tail -n 5 mmdebstrap.log >&2; fail "no distribution"; }
podman import --quiet base.tar localhost/base >/dev/null
for role in server edge; do
  began=$SECONDS
  podman build --pull=never --network=host --volume /etc/apt:/etc/apt:ro --build-arg base=localhost/base \
    --target "$role" --tag "godwit-$role" --file "$source_tree/deploy/Containerfile" "$source_tree" >"$role.log" 2>&1 ||
    { tail -n 30 "$role.log" >&2; fail "the $role is not built"; }
  podman run --rm --network=none "godwit-$role" --version || fail "the $role does not start"
  echo "godwit-$role: $(podman image inspect --format '{{.Size}}' "godwit-$role") bytes, $((SECONDS - began)) s"
done
echo "passed"
