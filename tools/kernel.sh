#!/bin/sh
# What Jupyter starts as the Deno kernel: kernel.sh DENO CONNECTION_FILE. Python is beside DENO, in .venv.
trap '' INT USR1 # Stop while the kernel starts; what is started here listens when it can
root=$(dirname -- "$(dirname -- "$0")")
# A server remembers how it started a kernel. Where the link to its installation leads to a newer one by now, a kernel that
# it restarts is that one's, as all are that are started now: what notebooks import is the newer one's, too.
case ${JUPYTER_PATH-} in
  /*/.venv/share/tessera | /*/.venv/share/tessera:*)
    named=$(CDPATH='' cd -- "${JUPYTER_PATH%%/share/tessera*}" 2> /dev/null && pwd -P) || named=
    newer=${named%/.venv}
    if [ -f "$newer/tools/kernel.sh" ] && [ "$named" != "$(CDPATH='' cd -- "$root/.venv" && pwd -P)" ]; then
      exec /bin/sh "$newer/tools/kernel.sh" "$named/bin/deno" "$2"
    fi
    ;;
esac
. "$root/tools/environment.sh"
python=$(dirname -- "$1")/python
# A submission that is being graded runs apart from everything else, where that can be had.
if [ "${NBGRADER_EXECUTION-}" = autograde ]; then
  exec env PYTHONPATH="$root/python" "$python" -P -m tessera_grading.sandbox "$1" "$2"
fi
exec "$python" -P -S "$root/python/tessera_kernel/__main__.py" "$1" "$2"
