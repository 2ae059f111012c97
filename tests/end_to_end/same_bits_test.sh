#!/usr/bin/env bash
# The same seed gives the same bits: ten real processes, whatever the order in which they report, and the simulator with
# one and with two threads. What they leave can be looked at: models, a report, a comparison.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"

cat > simulation.yml <<'YML'
seed: 5
evaluation_percent: 10
data: {source: fashion-mnist}
partition: {scheme: dirichlet_class, clients: 10, alpha: 0.5}
job:
  model: softmax
  rounds: 2
  round: {cohort: 10, over_selection: 1.0, cohort_min: 10}
  client: {epochs: 1, batch_size: 10, learning_rate: 0.05}
YML
sha() { tail -n 1 "$1/rounds.jsonl" | grep -o '"model_sha256":"[0-9a-f]*"'; }
"$godwit" simulate --config simulation.yml --threads 1 --out one > one.log 2>&1 || fail "simulate --threads 1"
"$godwit" simulate --config simulation.yml --threads 2 --out two > two.log 2>&1 || fail "simulate --threads 2"
"$godwit" simulate --config simulation.yml --seed 6 --out other > other.log 2>&1 || fail "simulate --seed 6"
"$godwit" demo --edges 10 --rounds 2 --seed 5 --model softmax --out demo > demo.log 2>&1 || fail "demo"
[ "$(sha one)" = "$(sha two)" ] || fail "two threads give other bits than one"
[ "$(sha one)" = "$(sha demo)" ] || fail "ten processes give other bits than the simulator"
[ "$(sha one)" != "$(sha other)" ] || fail "another seed gives the same bits"
"$godwit" model convert demo/model.safetensors back.npz
"$godwit" model info back.npz | grep -q "$(sha demo | cut -d'"' -f4)" || fail "the model changed on its way through a file"
if python3 -c 'import numpy' 2> /dev/null; then
  python3 -c 'import numpy; m = numpy.load("demo/model.npz"); assert m["fc1.weight"].shape == (10, 784), m.files' ||
    fail "numpy does not load the model"
fi
grep -q '<canvas' demo/report.html || fail "the report has no plots"
! grep -qE 'src="http|href="http' demo/report.html || fail "the report fetches something"

# Runs held against each other: a row a case, a page that fetches nothing; a folder without a run is named.
"$godwit" compare --out compared.html "seed 5=one" "seed 5=two" other > table.md 2> compare.log || fail "compare"
grep -q '^| seed 5 | 2 | 2 | ' table.md || fail "two runs of one name are not one case"
grep -q '^| other | 1 | 2 | ' table.md || fail "a run is not called after its folder"
[ "$(wc -l < table.md)" -eq 4 ] || fail "the table has other rows than its cases"
grep -q '"name":"seed 5","runs":2' compared.html || fail "the page does not have the case's curves"
! grep -qE 'src="http|href="http' compared.html || fail "the page fetches something"
"$godwit" compare --out none.html one nowhere > none.log 2>&1 && fail "a folder without a run was compared"
grep -q 'nowhere/rounds.jsonl' none.log || fail "which folder has no run is not said"
[ ! -e none.html ] || fail "a page of runs that are not there"
echo "passed"
