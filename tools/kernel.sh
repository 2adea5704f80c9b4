#!/bin/sh
# What Jupyter starts as the Deno kernel: kernel.sh DENO CONNECTION_FILE.
. "$(dirname -- "$0")/allocator.sh"
export DENO_NO_UPDATE_CHECK=1
exec "$1" jupyter --kernel --conn "$2"
