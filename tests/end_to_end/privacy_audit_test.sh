#!/usr/bin/env bash
# A black-box audit with real processes: two honest edges, and eight canaries that are there or are nothing by the toss of a
# coin, through a real server and TLS. What the released models tell of the canaries does not contradict what the server
# claims, though it comes near; a claim of twice the noise, and one of a tighter clip than the server's, are contradicted.
# A right claim is contradicted by one run in a million: that is the false alarm's rate.
# shellcheck source-path=SCRIPTDIR source=flock.sh
. "$(dirname "${BASH_SOURCE[0]}")/flock.sh"
confidence=0.999999
canaries=8
rounds=450
trial_count() { if [ -f "$1" ]; then grep -c '^canary-[0-9]*,' "$1" || true; else echo 0; fi; }
# verdict TRIALS OPTION...: what the audit says of the claim.
verdict() {
  local trials=$1 status=0
  shift
  "$godwit" privacy audit "$trials" --cohort 10 --delta 1e-5 --confidence "$confidence" "$@" > audit.out || status=$?
  cat audit.out
  [ "$status" -le 1 ] || fail "the audit did not come to a verdict"
  return "$status"
}

# fly NAME ROUNDS CLIP NOISE: a job that cuts updates to CLIP and adds noise of NOISE times that; its trials are in NAME.csv.
fly() {
  local name=$1 rounds=$2 clip=$3 noise=$4 canary nodes=()
  ROUNDS=$rounds DEADLINE=60s lay_out 2
  sed -i "s/^job:\$/job:\n  privacy: {mechanism: gaussian, epsilon: 1000, delta: 1.0e-5, clip_norm: $clip, noise_multiplier: $noise}/
          s/federated_evaluate_every: 1/federated_evaluate_every: 0/
          s/^state: .*/state: state-$name/
          s/^out: .*/out: run-$name/
          s/learning_rate: 0.01/learning_rate: 0.0001/
          s/^wait_for_edges: .*/wait_for_edges: 10/
          s/cohort: 2, cohort_min: 2/cohort: 10, cohort_min: 10/" server.yml
  : > server.log
  # shellcheck disable=SC2119
  start_server
  for edge in edge-01 edge-02; do start_edge "$edge"; done
  for ((canary = 1; canary <= canaries; ++canary)); do
    "$godwit" keys edge "canary-$canary" --folder keys > /dev/null
    lay_out_edge "canary-$canary"
    nodes+=("canary-$canary.yml")
  done
  # Honest edges learn slowly: what they pull the model back by is small beside the noise, and blurs little.
  "$godwit" privacy canary "${nodes[@]}" --norm 10 --parameter 300 --trials "$name.csv" > canary.log 2>&1 &
  pids[canary]=$!
  until_true 150 "the job ends" is_over server
  wait "${pids[server]}" || fail "the server ended with status $?"
  unset 'pids[server]'
  for node in canary edge-01 edge-02; do stop "$node"; done
  rm -rf state-edge-0? state-canary-*
  [ "$(grep -c '"outcome":"committed"' "run-$name/rounds.jsonl")" -eq "$rounds" ] || fail "not all rounds were committed"
}

fly right $rounds 1 1
echo "$(trial_count right.csv) trials after $SECONDS s"
[ "$(trial_count right.csv)" -ge 3500 ] || fail "too few trials: $(trial_count right.csv)"
verdict right.csv --noise 1 --clip-norm 1 --page audit.html || fail "the server's own claim is contradicted"
grep -q 'Nothing contradicts the claim' audit.out || fail "no verdict"
grep -q 'Nothing contradicts the claim' audit.html || fail "no page"
# It is no audit that sees nothing: of an epsilon of 4.4 it shows 1.5 or more.
awk '$1 == "seen" && $2 == "epsilon" { exit !($3 > 1.5) }' audit.out || fail "the audit sees next to nothing"
verdict right.csv --noise 2 --clip-norm 1 && fail "twice the noise was claimed, and believed"
grep -q 'The claim is contradicted' audit.out || fail "no verdict"
# What the server wrote down is what was flown.
[ "$("$godwit" privacy spent state-right | awk '$1 == "releases" { print $2 }')" -eq "$rounds" ] || fail "the ledger has not $rounds releases"

# A server that adds the noise that it claims, and does not cut to the norm that it claims, but to four times that.
fly wide 90 4 0.25
verdict wide.csv --noise 1 --clip-norm 1 && fail "a clip norm of a quarter of the true one was claimed, and believed"

# Bad input.
refuses() {
  local words=$1
  shift
  if "$godwit" privacy audit "$@" > /dev/null 2> refused; then fail "accepted: $*"; fi
  grep -q -- "$words" refused || fail "not said: $words ($(cat refused))"
}
refuses 'noise multiplier is 0' right.csv --noise 0 --clip-norm 1 --cohort 10
refuses 'clip-norm is inf' right.csv --noise 1 --clip-norm inf --cohort 10
refuses 'confidence is 1' right.csv --noise 1 --clip-norm 1 --cohort 10 --confidence 1
head -n 1 right.csv > empty.csv
refuses 'has no examples' empty.csv --noise 1 --clip-norm 1 --cohort 10
sed '2s/,[01],/,7,/' right.csv > wrong.csv
refuses 'expected columns canary' wrong.csv --noise 1 --clip-norm 1 --cohort 10
echo "passed after $SECONDS s"
