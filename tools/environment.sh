# Sourced with `root` set: what every program of Tessera runs with, wherever it was started from.
. "$root/tools/allocator.sh"
# Deno's cache lies in the installation, so that what notebooks import is there for all who use it.
DENO_DIR=$root/.deno
DENO_NO_UPDATE_CHECK=1
DENO_NO_PACKAGE_JSON=1 # of another project, in a folder above a home
export DENO_DIR DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
# Of another Python, as ROS or a cluster's modules set them: with these .venv's own would not find its packages.
unset PYTHONHOME PYTHONPATH
# Someone else's installation: Python need not try to keep its compiled modules there.
[ -w "$root" ] || export PYTHONDONTWRITEBYTECODE=1
