#!/bin/sh
# What Jupyter starts as the Deno kernel: kernel.sh DENO CONNECTION_FILE.
root=$(dirname -- "$(dirname -- "$0")")
. "$root/tools/environment.sh"
exec "$1" jupyter --kernel --conn "$2"
