#!/usr/bin/env bash
# 2 of 4: is it a classification task? A recipe without the question has nothing to do here.
#   RUN=runs/si CONF=conf/self-instruct.yaml jobs/20-classify.sh [option of cria stage]...
#   jobs/20-classify.sh runs/si conf/self-instruct.yaml [option of cria stage]...
# CONF is needed for a new run only. Exit codes are those of scripts/cria; after 3 and 4 the same call goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/stage"
stage classify "$@"
