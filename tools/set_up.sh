#!/bin/sh
# Makes .venv, complete or not at all: Python packages from the lock file, the project's Jupyter
# plug-ins, the Deno kernel; then fetches the npm packages into Deno's cache. Does nothing where that
# is done. Stamps, each written last, say what a part was made from; without one it is made anew.
set -eu
# Without links, which may lead elsewhere tomorrow: what is made here knows its own place.
root=$(CDPATH='' cd -- "$1" && pwd -P)
. "$root/tools/environment.sh"
venv=$root/.venv
stamp=$venv/tessera.stamp
jupyter_stamp=$venv/tessera-jupyter.stamp
packages_stamp=$venv/tessera-packages.stamp
lab_stamp=$venv/tessera-lab.stamp
recipe=1         # raised where a change below must make existing .venv folders anew
jupyter_recipe=4 # the same for what set_up_jupyter writes alone
packages_recipe=3

say() { echo "tessera: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# What is installed stays, unless a GPU is asked for and the set-up has none.
device=cpu
if [ "$(sed -n 2p "$stamp" 2> /dev/null)" = gpu ]; then device=gpu; fi
case $(echo "${TESSERA_DEVICE:-}" | tr '[:upper:]' '[:lower:]') in
  gpu) device=gpu ;;
  cpu | auto | '') ;;
  *) fail "TESSERA_DEVICE is cpu or gpu, not \"$TESSERA_DEVICE\"." ;;
esac
lock_file=$root/requirements.txt
if [ $device = gpu ]; then lock_file=$root/requirements-gpu.txt; fi

inputs() {
  {
    echo "$recipe $root"
    cat "$lock_file"
  } | cksum
  echo $device
}
jupyter_inputs() {
  {
    echo "$jupyter_recipe"
    cat "$root/python/pyproject.toml"
    # In an order that a copy of the folder has too, and without what Python makes of it.
    cd "$root/python/etc"
    find . -name __pycache__ -prune -o -type f -print | LC_ALL=C sort | while read -r file; do
      cat "$file"
    done
  } | cksum
}
packages_inputs() { echo "$packages_recipe" | cat - "$root/import_map.json" "$root/deno.lock" | cksum; }
lab_inputs() { cat "$root"/jupyterlab/* "$root/tools/lab_extension.ts" | cksum; }
is_current() { [ "$(cat "$stamp" 2> /dev/null)" = "$(inputs)" ]; }
has_jupyter() { [ "$(cat "$jupyter_stamp" 2> /dev/null)" = "$(jupyter_inputs)" ]; }
has_packages() {
  [ -d "$DENO_DIR" ] && [ "$(cat "$packages_stamp" 2> /dev/null)" = "$(packages_inputs)" ]
}
has_lab_extension() { [ "$(cat "$lab_stamp" 2> /dev/null)" = "$(lab_inputs)" ]; }
write_stamp() { cat > "$1.new" && mv -f "$1.new" "$1"; }

if is_current && has_jupyter && has_packages && has_lab_extension; then exit 0; fi

# Someone else's installation: what is missing for speed alone is no matter.
if ! [ -w "$root" ]; then
  if is_current && has_jupyter; then exit 0; fi
  fail "the installation in $root is not complete, and you may not write there:" \
    "whoever keeps it runs $root/tessera doctor."
fi

# One set-up at a time. The system takes the lock back from whoever has ended, however that was; a process's
# number would be another's in a container. What is started here holds it too, until that ends.
take_lock() { # "try" or "wait"
  if command -v flock > /dev/null; then
    if [ "$1" = try ]; then flock -n 9; else flock 9; fi
  elif command -v perl > /dev/null; then # macOS
    perl -MFcntl=:flock -e 'open(my $lock, "+<&=", 9) or exit 0; exit !flock($lock, shift)' \
      $([ "$1" = try ] && echo 6 || echo 2)
  fi
}
exec 9>> "$root/.set-up.lock"
if ! take_lock try; then
  say "waiting for another set-up …"
  take_lock wait
fi
trap 'say "set-up interrupted; the next ./tessera starts it again."; exit 130' HUP INT TERM

# TensorFlow has wheels for these Pythons only.
python_range='>=3.11,<3.14'
find_python() {
  for candidate in python3.13 python3.12 python3.11 python3 python; do
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
      2> /dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# Sets `python` to what .venv is to be made with; uv may bring one.
choose_python() {
  if ! command -v uv > /dev/null; then
    python=$(find_python) || fail "needs Python 3.11, 3.12 or 3.13 with its venv module" \
      "(TensorFlow has no package for others), or uv, which brings one."
  elif ! python=$(uv python find --no-project --no-python-downloads --system "$python_range" \
    2> /dev/null); then
    python=$python_range
    export UV_PYTHON_INSTALL_DIR="$root/.python" # inside the project, not in the user's home
  fi
}

# What a user has set for pip elsewhere would lead out of .venv, or stop it.
unset PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0

make_environment() {
  quiet=--quiet # bars on a terminal, but no list of 130 packages in a log
  if [ -t 2 ]; then quiet=; fi
  if command -v uv > /dev/null; then
    say "[1/4] making .venv with uv …"
    uv venv --quiet --no-project --python "$python" "$venv"
    say "[2/4] installing the Python packages (about 2 GB on disk) …"
    uv pip install $quiet --python "$venv/bin/python" --require-hashes --only-binary :all: \
      -r "$lock_file"
  else
    say "[1/4] making .venv with $python …"
    "$python" -m venv "$venv"
    say "[2/4] installing the Python packages (about 2 GB on disk) …"
    "$venv/bin/python" -m pip install $quiet --disable-pip-version-check --no-deps --require-hashes \
      --only-binary :all: -r "$lock_file"
  fi
}

# Jupyter's plug-ins of the project. They are compiled here, so that nobody's server has to do it.
install_plugins() {
  if command -v uv > /dev/null; then
    uv pip install --quiet --python "$venv/bin/python" --offline --no-deps --no-build-isolation \
      -e "$root/python"
  else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps \
      --no-build-isolation -e "$root/python"
  fi
  "$venv/bin/python" -m compileall -q "$root/python"
}

# The plug-ins, the kernel, and JupyterLab's own settings. `deno jupyter --install` writes to the
# user's home and sets no environment, so only its pictures are taken and the rest is written here.
set_up_jupyter() {
  install_plugins
  kernels=$venv/share/jupyter/kernels
  fresh=$kernels/deno.new
  home=$venv/home-of-installer
  rm -rf "$fresh" && mkdir -p "$fresh" "$home"
  HOME=$home XDG_DATA_HOME=$home "$venv/bin/deno" jupyter --quiet --install > /dev/null 2>&1 || true
  find "$home" -name 'logo-*' -exec cp {} "$fresh" \;
  rm -rf "$home"
  "$venv/bin/python" - "$root/tools/kernel.sh" "$venv/bin/deno" > "$fresh/kernel.json" << 'END'
import json, sys
print(json.dumps({
    "argv": ["/bin/sh", *sys.argv[1:], "{connection_file}"],
    "display_name": "Deno",
    "language": "typescript",
}, indent=2))
END
  rm -rf "$kernels/deno" && mv "$fresh" "$kernels/deno"
  # Settings of Jupyter and what the course adds to its exports.
  settings=$venv/etc/jupyter
  templates=$venv/share/jupyter/nbconvert/templates
  mkdir -p "$settings" "$templates"
  cp -R "$root/python/etc/." "$settings/"
  ln -sfn "$root/python/html_template" "$templates/tessera"
  jupyter_inputs | write_stamp "$jupyter_stamp"
}

# JupyterLab's plug-in, bundled from TypeScript; it needs a package, so it comes after those.
make_lab_extension() {
  (cd "$root" && "$venv/bin/deno" run --quiet --allow-all tools/lab_extension.ts) &&
    lab_inputs | write_stamp "$lab_stamp"
}

# Only the files that commands start from; what they import comes along. Without a network what is
# missing is fetched when it is first imported, so this may fail.
fetch_packages() {
  (
    cd "$root"
    find . \( -name '.?*' -o -path ./tests/tfjs_specs/third_party \) -prune \
      -o \( -path ./lib/mod.ts -o -path './tools/*.ts' -o -path ./marking/hand_in.ts -o -path ./bench/main.ts \
      -o -path './tests/*_test.ts' \) -exec "$venv/bin/deno" cache --quiet --config deno.json {} +
  ) && "$venv/bin/deno" run --quiet --allow-all --config "$root/deno.json" "$root/tools/pin_packages.ts" ||
    return 1
  # More than half of what the packages take: what debuggers read, and TensorFlow.js whole, for pages.
  find "$DENO_DIR/npm" \( -name '*.map' -o -path '*/@tensorflow/*' \
    \( -name '*.min.js' -o -name '*.es2017.js' -o -name '*.fesm.js' -o -name '*.js.html' \) \) \
    -exec rm -f {} +
  # Some packages bring files that only their owner may read.
  chmod -R a+rX "$DENO_DIR"
  packages_inputs | write_stamp "$packages_stamp"
}

fetched=yes
if ! is_current; then
  case $device:$(uname -s):$(uname -m) in
    gpu:Linux:aarch64 | gpu:Linux:arm64)
      fail "TESSERA_DEVICE=gpu needs x86-64: TensorFlow's package for ARM has no CUDA." \
        "Without that setting the processor is used."
      ;;
    cpu:* | gpu:Linux:*) ;;
    *) fail "TESSERA_DEVICE=gpu needs Linux (or WSL 2) with an NVIDIA card." ;;
  esac
  choose_python
  if [ -e "$venv" ]; then say "setting up again in $root"; else say "first use: setting up in $root"; fi
  started=$(date +%s)
  rm -rf "$venv"
  make_environment
  say "[3/4] adding the Deno kernel to .venv …"
  set_up_jupyter
  inputs | write_stamp "$stamp"
  say "[4/4] fetching the npm packages …"
  fetch_packages && make_lab_extension || fetched=no
  say "set-up took $(($(date +%s) - started)) s"
else
  has_jupyter || set_up_jupyter
  has_packages || fetch_packages || fetched=no
  has_lab_extension || make_lab_extension || fetched=no
fi
if [ $fetched = no ]; then say "not all npm packages could be fetched; the next ./tessera tries again."; fi
