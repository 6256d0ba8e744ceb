#!/usr/bin/env bash
# 3 of 4: inputs and outputs for every kept instruction.
#   RUN=runs/si CONF=conf/self-instruct.yaml jobs/30-instances.sh [option of cria stage]...
#   jobs/30-instances.sh runs/si conf/self-instruct.yaml [option of cria stage]...
# CONF is needed for a new run only. Exit codes are those of scripts/cria; after 3 and 4 the same call goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/stage"
stage instances "$@"
