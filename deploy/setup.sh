# How a machine is made ready for godwit: which packages, which build folder, and who says how long it took.
# Sourced by deploy/quickstart and tests/run. Everything here does nothing when there is nothing to do.
# shellcheck shell=bash disable=SC2034

godwit_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)

# The one list of packages; the names are the same on Debian 12, Debian 13 and Ubuntu 24.04.
build_packages=(
  g++ cmake ninja-build mold ccache pkg-config
  libcaf-dev libbotan-2-dev libcereal-dev libxtensor-dev libopenblas-dev libfmt-dev
  libasio-dev libssl-dev libyaml-cpp-dev libcli11-dev nlohmann-json3-dev zlib1g-dev
  doctest-dev libjs-chart.js
)
run_packages=(dataset-fashion-mnist)
test_packages=(openssl python3-numpy iproute2)
# Checked where they are to be had in the version that the checks need; skipped, and said so, where not.
wished_packages=(shellcheck clang-format-14 valgrind)
sanitizer_packages=(clang libclang-rt-dev)
# For `tests/run --cross`: a compiler for 64-bit ARM, its libraries without installing them, and an emulator.
cross_packages=(g++-aarch64-linux-gnu mmdebstrap qemu-user-static)
# For `tests/run --deploy`: containers without a daemon, units, and what gets the schema of Kubernetes, which comes from
# elsewhere on many machines and is then not installed over.
deploy_packages=(podman runc uidmap systemd)
command -v npm >/dev/null || deploy_packages+=(nodejs npm)

stage_names=()
stage_seconds=()

say() { printf '==> %s\n' "$*"; }

# stage NAME COMMAND...: says what is done and, when it is done or has failed, how long it took.
stage() {
  local name=$1 began=$SECONDS status=0
  shift
  say "$name"
  "$@" || status=$?
  stage_names+=("$name")
  stage_seconds+=($((SECONDS - began)))
  if [ "$status" -ne 0 ]; then
    say "$name: failed after $((SECONDS - began)) s (exit $status)"
  else
    say "$name: $((SECONDS - began)) s"
  fi
  return "$status"
}

# What each stage took, and all of them.
print_stages() {
  local i
  printf '\n'
  for i in "${!stage_names[@]}"; do
    printf '  %-44s %5d s\n' "${stage_names[$i]}" "${stage_seconds[$i]}"
  done
  printf '  %-44s %5d s\n' "in all" "$SECONDS"
}

# missing_of PACKAGE...: those that are not installed, one a line.
missing_of() {
  [ $# -gt 0 ] || return 0
  local installed package
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Runs apt-get as root, without questions, waiting for whoever holds its lock.
apt() {
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

# can_install: says why not.
can_install() {
  if ! command -v apt-get >/dev/null; then
    say "there is no apt-get here: this set-up knows Debian 12, Debian 13 and Ubuntu 24.04"
    return 69
  elif [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "installing takes root or sudo"
    return 77
  fi
}

# install_packages PACKAGE... [-- WISHED...]: installs those that are missing; a wished one only where there is one.
install_packages() {
  local wanted=() wishes=() package
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    wanted+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  mapfile -t wanted < <(missing_of "${wanted[@]}")
  mapfile -t wishes < <(missing_of "$@" | grep -vxFf "$ungranted" || true)
  if [ $((${#wanted[@]} + ${#wishes[@]})) -eq 0 ]; then
    say "all packages are there"
    return 0
  fi
  can_install || {
    local status=$?
    [ "${#wanted[@]}" -gt 0 ] || return 0
    say "install these, then run this again: ${wanted[*]}"
    return "$status"
  }
  apt update >/dev/null || return
  for package in "${wishes[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      wanted+=("$package")
    else
      say "not to be had here, so its check is skipped: $package"
      printf '%s\n' "$package" >>"$ungranted"
    fi
  done
  [ "${#wanted[@]}" -gt 0 ] || return 0
  say "installing ${#wanted[@]} packages: ${wanted[*]}"
  apt install -y --no-install-recommends "${wanted[@]}" >"$godwit_root/build/apt.log" 2>&1 && return 0
  tail -n 20 "$godwit_root/build/apt.log"
  return 1
}

# configure_only PRESET: makes the build folder, or brings it up to date.
configure_only() {
  local log=$godwit_root/build/configure-$1.log
  cmake -S "$godwit_root" --preset "$1" >"$log" 2>&1 || { cat "$log"; return 1; }
}

# configure_and_build PRESET TARGET...: builds what has changed. No target: all of them.
configure_and_build() {
  local preset=$1 targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  configure_only "$preset" || return
  cmake --build "$godwit_root/build/$preset" --parallel "$jobs" "${targets[@]}"
}

# closing_line PRESET: the one line that says how its tests went.
closing_line() {
  grep -E '^[0-9]+% tests passed' "$godwit_root/build/$1/ctest.log" || echo "no test was run"
}

mkdir -p "$godwit_root/build"
ungranted=$godwit_root/build/ungranted-wishes # so that what cannot be had is not asked for at every start
touch "$ungranted"
export CCACHE_DIR=${CCACHE_DIR:-$godwit_root/build/ccache}
