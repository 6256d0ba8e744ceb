#!/usr/bin/env bash
# 1 of 4: rounds of prompts from the pool, their answers, candidates with verdicts.
#   RUN=runs/si CONF=conf/self-instruct.yaml jobs/10-generate.sh [option of cria stage]...
#   jobs/10-generate.sh runs/si conf/self-instruct.yaml [option of cria stage]...
# CONF is needed for a new run only. Exit codes are those of scripts/cria; after 3 and 4 the same call goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/stage"
stage generate "$@"
