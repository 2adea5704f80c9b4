#!/bin/sh
# What Jupyter starts as the Deno kernel: kernel.sh DENO CONNECTION_FILE. Python is beside DENO, in .venv.
root=$(dirname -- "$(dirname -- "$0")")
. "$root/tools/environment.sh"
trap '' INT # Stop while the kernel starts; what is started here listens when it can
exec "$(dirname -- "$1")/python" -P -S "$root/python/tessera_kernel/__main__.py" "$1" "$2"
