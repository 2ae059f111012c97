#!/usr/bin/env bash
# Does every benchmark run, small, and print rows that a program can read?
# usage: benchmarks_test.sh GODWIT FOLDER
set -euo pipefail
bench=$(dirname "$1")/godwit_bench
folder=$2
rm -rf "$folder"
mkdir -p "$folder"

# has WORKLOAD METRIC: there is a row with a number above 0 for it.
has() {
  awk -F, -v workload="$1" -v metric="$2" \
    'index($1, workload) == 1 && $3 == metric && $4 + 0 > 0 { found = 1 } END { exit !found }' "$folder/rows" || {
    echo "no figure for $1 $2 in:"
    cat "$folder/rows"
    exit 1
  }
}

"$bench" aggregate --parameters 10000 --updates 4 --repeats 1 >"$folder/rows"
has W1 ratio_to_read_only
has W1 variants_agree
"$bench" rounds --edges 2 3 --parameters 20000 --rounds 3 >"$folder/rows"
for metric in round ratio_to_bare_tls server_peak_over_model server_cpu_a_round edge_peak; do
  has W2 "$metric"
done
"$bench" durable --edges 2 --parameters 20000 --rounds 3 >"$folder/rows"
has durable ratio_to_memory
"$bench" large --bytes 8000000 >"$folder/rows"
has W7 server_peak_in_models
"$bench" simulation --clients 20 --updates 100 >"$folder/rows"
has W6 updates
has W6 ratio_to_bare_training
"$bench" accountant --repeats 1 >"$folder/rows"
has accountant cpu_ms
has accountant epsilon
"$bench" trainer --repeats 1 --seconds 0.01 >"$folder/rows"
has 2nn-b10 throughput
"$bench" hidden --seconds 0.01 >"$folder/rows"
has 2nn-b64 ratio
awk -F, 'NF != 5 { print "not five fields: " $0; bad = 1 } END { exit bad }' "$folder/rows"
"$bench" journal --folder "$folder" --seconds 0.05 >"$folder/rows"
has journal records
has journal ratio_to_plain
[ "$(ls "$folder")" = rows ] || { echo "the journal's benchmark left something behind"; exit 1; }

# One seed of what privacy costs: each epsilon kept to, and distributed beside central.
"$(dirname "$0")/../../benchmarks/privacy/fashion_mnist" --seeds 1 --out "$folder/privacy" --godwit "$1" >"$folder/table" || {
  cat "$folder/table"
  exit 1
}
[ "$(grep -c '| 1 | 20 | 0\.8' "$folder/table")" -eq 5 ] || { cat "$folder/table"; exit 1; }
grep -q '"name":"central, epsilon 8"' "$folder/privacy/comparison.html" || { echo "no curves"; exit 1; }

# What cannot be measured is said, and is a failure.
if "$bench" rounds --edges 0 >"$folder/rows" 2>&1; then
  echo "no edges were accepted"
  exit 1
fi
echo "every benchmark runs"
