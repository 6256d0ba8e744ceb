#!/usr/bin/env bash
# After the shards: a model tuned on them by ranks on the cluster, in RUN/training/NAME.
#   RUN=runs/si NAME=first SFT_CONF=conf/sft-alpaca.yaml jobs/60-train.sh [option of cria train]...
#   jobs/60-train.sh runs/si first --sft-conf conf/sft-alpaca.yaml --base models/llama [option of cria train]...
# Exit codes are those of scripts/cria; after 3 the same call goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/stage"
train "$@" ${SFT_CONF:+--sft-conf "$SFT_CONF"}
