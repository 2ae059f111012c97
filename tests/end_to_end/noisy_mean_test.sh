#!/usr/bin/env bash
# The privacy manager from outside: from C, from Python and from the command line, on one budget that survives kill -9, a full
# disk and mistakes; and installed by itself, seen by nobody but its own functions.
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"
build=$(dirname "$(dirname "$godwit")")
released() { "$godwit" privacy spent "$1" | awk '$1 == "releases" { print $2 }'; }

# By itself: a library, a header for C, a module for Python.
cmake --install "$build" --component privacy_manager --prefix prefix > install.log 2>&1 || fail "cmake --install"
library=$(find prefix -name libgodwit_privacy.so)
[ -n "$library" ] || fail "the library is not installed"
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | grep -v '^godwit_privacy_' && fail "more is seen than it should be"
echo "$(stat -Lc %s "$library") bytes"

# In C.
"${CC:-cc}" -std=c99 -Wall -Wextra -Werror -pedantic -I prefix/include "$tree/runtime/examples/noisy_mean/noisy_mean.c" \
  -L "$(dirname "$library")" -lgodwit_privacy -Wl,-rpath,"$PWD/$(dirname "$library")" -o noisy_mean || fail "the example in C"
./noisy_mean > first || fail "the first release in C"
./noisy_mean > second || fail "the second release in C"
grep -q 'mean -*[0-9.]* -*[0-9.]*' first || fail "no mean: $(cat first)"
cmp -s first second && fail "two releases have the same noise"
refuses 'the privacy budget is spent: 2 releases' ./noisy_mean
[ "$(released budget)" = 2 ] || fail "C's budget knows of $(released budget) releases"
"$godwit" privacy verify budget | grep -q '^whole: 2 releases of "population"' || fail "the ledger of C is not whole"

# On the command line.
{
  echo client,steps,sleep
  for ((i = 0; i < 100; ++i)); do echo "c$i,0.5,-0.25"; done
} > table.csv
release() {
  "$godwit" privacy release table.csv --client-column client --epsilon "${epsilon:-2}" --delta "${delta:-1e-3}" \
    --clip-norm "${clip_norm:-1}" --clients 100 "$@"
}
release --store store --releases 3 > mean 2> said || fail "the first release: $(cat said)"
awk -F, 'NF != 2 { exit 1 } { exit !($1 > 0.3 && $1 < 0.7 && $2 > -0.45 && $2 < -0.05) }' mean || fail "no mean: $(cat mean)"
grep -q 'left .* 2 releases like this one' said || fail "not said what is left: $(cat said)"
release --store store --releases 3 --out kept.csv > mean 2> said || fail "the second release: $(cat said)"
[ -s kept.csv ] || fail "the mean is not where it was asked for"
[ ! -s mean ] || fail "the mean is where it was not asked for"
release --store store --releases 3 --out nowhere/kept.csv > mean 2> said && fail "a file that cannot be written"
[ -s mean ] || fail "a release that is paid for was lost"
refuses 'the privacy budget is spent: 3 releases' release --store store --releases 3
refuses 'the ledger of "population"' release --store store --releases 3 --population others
delta=0.02 refuses 'delta is 0.02, above 1 / client_count' release --store fresh --releases 3
epsilon=0 refuses 'epsilon is 0' release --store fresh
epsilon=nan refuses 'epsilon is nan' release --store fresh
clip_norm=inf refuses 'clip_norm is inf' release --store fresh
[ ! -e fresh ] || fail "a mistake made a folder"
echo "c1,1,1" >> table.csv
refuses 'row 101 below the names is of a client that has one already' release --store fresh
sed -i '$d' table.csv
echo "c200,1,nan" >> table.csv
refuses 'line 102' release --store fresh
sed -i '$d' table.csv

# Killed with -9 at any moment, again and again: what the ledger says is never less than what came out, and the budget never
# allows more.
draw_seed
ledger_bytes() { stat -c %s killed/privacy.ledger 2> /dev/null || echo 0; }
out=0
asked=(privacy release table.csv --epsilon 2 --delta 1e-3 --clip-norm 1 --clients 100 --client-column client
  --store killed --releases 25)
for ((i = 0; i < 40; ++i)); do
  before=$(ledger_bytes)
  "$godwit" "${asked[@]}" > "mean.$i" 2> said &
  pids[release]=$!
  if ((i % 2)); then # as soon as its line is there
    until [ "$(ledger_bytes)" -gt "$before" ] || is_over release; do :; done
  else
    pause_up_to 150
  fi
  kill -9 "${pids[release]}" 2> /dev/null || true
  wait "${pids[release]}" 2> /dev/null || true
  unset 'pids[release]'
  if [ -s "mean.$i" ]; then out=$((out + 1)); fi
  if [ -f killed/privacy.ledger ]; then
    [ "$(released killed)" -ge "$out" ] || fail "$out means came out, and the ledger knows of $(released killed)"
  fi
done
while "$godwit" "${asked[@]}" > "mean.$i" 2> said; do i=$((i + 1)) out=$((out + 1)); done
grep -q 'the privacy budget is spent: 25 releases' said || fail "the budget did not end: $(cat said)"
[ "$(released killed)" = 25 ] || fail "the ledger says $(released killed) of 25"
[ "$out" -le 25 ] || fail "$out came out of 25"
echo "$out of 25 releases came out; the others were killed between the ledger and the answer"

# shown LANGUAGE: the first example of that language in privacy/README.md.
shown() { awk -v fence="^\`\`\`$1\$" '/^```/ { if (inside) exit; inside = $0 ~ fence; next } inside' "$tree/privacy/README.md"; }
mkdir readme
{
  echo monday,tuesday
  for ((i = 0; i < 1000; ++i)); do echo 0.5,0.5; done
} > readme/steps.csv
shown sh > readme/shown.sh
(cd readme && PATH=$(dirname "$godwit"):$PATH bash -e shown.sh > said 2>&1) || fail "the commands in README: $(cat readme/said)"
grep -q '^whole: 1 releases' readme/said || fail "the commands in README: $(cat readme/said)"

# In Python.
if ! command -v python3 > /dev/null; then
  echo "python3 is missing: the module was not tried"
  exit 0
fi
PYTHONPATH=$PWD/$(dirname "$(find prefix -name godwit_privacy.py)")
export PYTHONPATH
shown python > readme/shown.py
(cd readme && python3 shown.py > said 2>&1) || fail "the module as README shows it: $(cat readme/said)"
grep -q 'release_count=1, releases_left=9' readme/said || fail "the module as README shows it: $(cat readme/said)"
python3 - <<'PY' || fail "Python"
import math, subprocess, sys
from godwit_privacy import PrivacyManager, PrivacyRefused, PrivacyFailed

def refuses(words, call):
    try:
        call()
    except PrivacyRefused as error:
        assert words in str(error), str(error)
    else:
        sys.exit("accepted, and should not be: " + words)

with PrivacyManager(epsilon=2, delta=1e-6, clip_norm=1, release_count=2, client_count=1000, folder="python") as manager:
    assert manager.privacy_spent().epsilon == 0
    for _ in range(1000):
        manager.add([0.6, -0.8])
    mean = manager.release()
    assert abs(mean[0] - 0.6) < 0.1 and abs(mean[1] + 0.8) < 0.1, mean
    refuses("used by another", lambda: PrivacyManager(2, 1e-6, 1, folder="python"))
    gradient = [3.0, 4.0]
    noised = manager.add_noise(gradient)
    assert gradient == [3.0, 4.0] and noised != gradient
    spent = manager.privacy_spent()
    assert spent.release_count == 2 and spent.releases_left == 0 and math.isclose(spent.epsilon, 2, rel_tol=1e-6), spent
    manager.add([1.0])
    refuses("the privacy budget is spent", manager.release)
refuses("closed", manager.privacy_spent)
with PrivacyManager(2, 1e-6, 1, release_count=2, client_count=1000, folder="python") as manager:
    assert manager.privacy_spent() == spent
    refuses("NaN or infinity", lambda: manager.add([1.0, math.nan]))
refuses("epsilon is 0", lambda: PrivacyManager(0, 1e-6, 1))
refuses("above 1 / client_count", lambda: PrivacyManager(1, 0.1, 1, client_count=100))
refuses("clip_norm is inf", lambda: PrivacyManager(1, 1e-6, math.inf))
refuses("release_count is 0", lambda: PrivacyManager(1, 1e-6, 1, release_count=0))

# One byte of the ledger is changed: nothing is released any more.
with open("python/privacy.ledger", "r+b") as ledger:
    ledger.seek(170)
    byte = ledger.read(1)
    ledger.seek(170)
    ledger.write(bytes([byte[0] ^ 1]))
try:
    PrivacyManager(2, 1e-6, 1, client_count=1000, folder="python")
    sys.exit("a changed ledger is believed")
except PrivacyFailed as error:
    assert "not as it was written" in str(error), str(error)

# A process that is killed between the ledger and its own use of the result has spent.
code = """
import os, signal
from godwit_privacy import PrivacyManager
manager = PrivacyManager(2, 1e-6, 1, release_count=2, folder="ended")
manager.add_noise([1.0])
os.kill(os.getpid(), signal.SIGKILL)
"""
assert subprocess.run([sys.executable, "-c", code]).returncode == -9
assert PrivacyManager(2, 1e-6, 1, release_count=2, folder="ended").privacy_spent().release_count == 1

try:
    import numpy
except ImportError:
    print("numpy is missing: arrays were not tried")
else:
    manager = PrivacyManager(epsilon=1000, delta=1e-6, clip_norm=10, release_count=2)
    manager.add(numpy.ones((2, 3), "float32"))
    assert manager.release().shape == (2, 3)
    assert manager.add_noise(numpy.ones(3)).shape == (3,)
PY
echo "passed"
