#!/usr/bin/env bash
# Secure sums of updates that travel encrypted under masked keys: twenty edges of which six are killed at different steps,
# and then kills with -9 of server and edges at random moments. Each opened sum is that of exactly those whose bodies came.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
godwit=$1
folder=$2
export METHOD=encryption
bash "$here/secure_sum_test.sh" "$godwit" "$folder/drop_outs"
bash "$here/secure_sum_killed_test.sh" "$godwit" "$folder/killed"
