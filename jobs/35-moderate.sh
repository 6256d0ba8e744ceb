#!/usr/bin/env bash
# Between 30 and 40, for who wants it: what moderation says of each kept instance. A recipe that names the stage needs it
# before the dataset; any other run may be given it afterwards.
#   RUN=runs/si jobs/35-moderate.sh [option of cria stage]...
#   jobs/35-moderate.sh runs/si [option of cria stage]...
# Exit codes are those of scripts/cria; after 3 the same call goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/stage"
stage moderate "$@"
