#!/bin/sh
# What Jupyter starts as the Deno kernel: kernel.sh DENO CONNECTION_FILE. Python is beside DENO, in .venv.
root=$(dirname -- "$(dirname -- "$0")")
. "$root/tools/environment.sh"
trap '' INT USR1 # Stop while the kernel starts; what is started here listens when it can
python=$(dirname -- "$1")/python
# A submission that is being graded runs apart from everything else, where that can be had.
if [ "${NBGRADER_EXECUTION-}" = autograde ]; then
  exec env PYTHONPATH="$root/python" "$python" -P -m tessera_grading.sandbox "$1" "$2"
fi
exec "$python" -P -S "$root/python/tessera_kernel/__main__.py" "$1" "$2"
