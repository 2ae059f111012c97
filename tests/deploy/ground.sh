# What the deployment tests share: an empty folder of their own, how they fail, and how they say that they cannot run.
# Sourced as: . ground.sh SOURCE_TREE FOLDER
# shellcheck shell=bash disable=SC2034
set -euo pipefail
source_tree=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# skip REASON...: nothing was tested, and nothing is wrong (ctest's SKIP_RETURN_CODE).
skip() {
  echo "skipped: $*"
  exit 77
}

# need TOOL...: they come with `tests/run --deploy`.
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "there is no $tool here; \`tests/run --deploy\` installs it"
  done
}
