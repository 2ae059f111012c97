# How containers are run in a test: by podman and runc, in a store of the test's own, without a daemon, a network, cgroups
# of systemd's, or limits that this machine may not raise. Sourced behind ground.sh, in the test's folder.
# shellcheck shell=bash disable=SC2154

# keep_images_by DRIVER: overlay, or vfs where the disk is an overlay itself, as it is inside of a container.
keep_images_by() {
  printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' \
    "$1" "$folder/store-$1" "$folder/store-run" >storage.conf
}
cat >containers.conf <<TEXT
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
TEXT
export CONTAINERS_STORAGE_CONF=$folder/storage.conf CONTAINERS_CONF=$folder/containers.conf BUILDAH_ISOLATION=chroot

keep_images_by overlay
if command -v podman >/dev/null && ! podman info >info.log 2>&1; then
  keep_images_by vfs
  podman info >info.log 2>&1 || skip "containers cannot run here: $(tail -n 1 info.log)"
fi

# Ends and removes what was started here, and nothing else: the store is the test's own.
sweep() {
  podman rm --all --force --time 0 >/dev/null 2>&1 || true
  podman image rm --all --force >/dev/null 2>&1 || true
}
trap sweep EXIT

# until_true SECONDS DESCRIPTION COMMAND...: polls; fails the test when the time is over.
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt "$end" ] || fail "not within its time: $what"
    read -rt 0.2 <> <(:) || true
  done
}
