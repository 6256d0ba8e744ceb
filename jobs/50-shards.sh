#!/usr/bin/env bash
# After the four, for who fine-tunes: tokenised, packed training shards of the dataset, in RUN/shards.
#   RUN=runs/si SFT_CONF=conf/sft-alpaca.yaml jobs/50-shards.sh [option of cria stage]...
#   jobs/50-shards.sh runs/si --sft-conf conf/sft-alpaca.yaml --base models/llama [option of cria stage]...
# Exit codes are those of scripts/cria; after 3 the same call goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/stage"
stage shards "$@" ${SFT_CONF:+--sft-conf "$SFT_CONF"}
