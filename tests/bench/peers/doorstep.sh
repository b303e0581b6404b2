#!/bin/sh
# doorstep as one engine of the peers' harness, whose run.sh calls this once for each repetition.
set -eu
exec "$DOORSTEP_BENCH" --as-peer
