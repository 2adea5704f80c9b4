#!/bin/sh
# Makes .venv, complete or not at all: Python packages from the lock file, the project's Jupyter
# plug-ins, the Deno kernel; then fetches the npm packages into Deno's cache. Does nothing where that
# is done. Stamps, each written last, say what a part was made from; without one it is made anew. Where files
# that every command needs have another size than after the set-up, it refuses: set_up.sh ROOT repair mends.
# set_up.sh ROOT from BUNDLE takes everything from what ./tessera bundle has made, without a network.
set -eu
# Without links, which may lead elsewhere tomorrow: what is made here knows its own place.
root=$(CDPATH='' cd -- "$1" && pwd -P)
. "$root/tools/environment.sh"
. "$root/tools/cuda_libraries.sh"
# What others may read stays so, whoever keeps it, as another administrator whose files are closed by default.
case $(ls -ld "$root/.") in d??????r-[xt]*) umask go+rx ;; esac
venv=$root/.venv
stamp=$venv/tessera.stamp
jupyter_stamp=$venv/tessera-jupyter.stamp
packages_stamp=$venv/tessera-packages.stamp
lab_stamp=$venv/tessera-lab.stamp
sizes_stamp=$venv/tessera-sizes.stamp
fusion_stamp=$venv/tessera-fusion.stamp
hub_stamp=$venv/tessera-hub.stamp
names_stamp=$venv/tessera-names.stamp
recipe=1         # raised where a change below must make existing .venv folders anew
jupyter_recipe=5 # the same for what set_up_jupyter writes alone
packages_recipe=3

say() { echo "tessera: $*" >&2; }
fail() {
  [ -z "${unpacked:-}" ] || rm -rf "$unpacked"
  say "$*"
  exit 1
}

# What is installed stays, unless a GPU is asked for and the set-up has none.
device=cpu
if [ "$(sed -n 2p "$stamp" 2> /dev/null)" = gpu ]; then device=gpu; fi
case $(echo "${TESSERA_DEVICE:-}" | tr '[:upper:]' '[:lower:]') in
  gpu) device=gpu ;;
  cpu | auto | '') ;;
  *) fail "TESSERA_DEVICE is auto, cpu or gpu, not" \
    "\"$(echo "$TESSERA_DEVICE" | tr -c '[:print:]' ' ' | cut -c 1-60 | sed 's/ *$//')\"." ;;
esac
# LLVM makes fused kernels, on the processors on which they have been tried, or where they are asked for.
fusion=off
case $(echo "${TESSERA_FUSION:-}" | tr '[:upper:]' '[:lower:]') in
  on | all) fusion=asked ;;
  '') case $device:$(uname -s):$(uname -m) in cpu:Linux:x86_64) fusion=on ;; esac ;;
esac
fusion_lock=$root/requirements-fusion.txt
# JupyterHub is there where it was asked for once.
hub=off
case $(echo "${TESSERA_HUB:-}" | tr '[:upper:]' '[:lower:]') in 1 | yes | true | on) hub=on ;; esac
hub_lock=$root/requirements-hub.txt
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
# What could not be fetched is tried again where it is asked for.
has_fusion() {
  [ $fusion = off ] && return
  case $(cat "$fusion_stamp" 2> /dev/null) in
    "$(cksum < "$fusion_lock")") ;;
    "without $(cksum < "$fusion_lock")") [ $fusion = on ] ;;
    *) false ;;
  esac
}
hub_inputs() { cat "$hub_lock" "$root/hub/deno.lock" | cksum; }
has_hub() { [ $hub = off ] || [ "$(cat "$hub_stamp" 2> /dev/null)" = "$(hub_inputs)" ]; }
is_current() { [ "$(cat "$stamp" 2> /dev/null)" = "$(inputs)" ]; }
has_jupyter() { [ "$(cat "$jupyter_stamp" 2> /dev/null)" = "$(jupyter_inputs)" ]; }
names_inputs() { echo 1 | cat - "$root/import_map.json" | cksum; }
has_names() { [ "$(cat "$names_stamp" 2> /dev/null)" = "$(names_inputs)" ]; }
has_packages() {
  [ -d "$DENO_DIR" ] && [ "$(cat "$packages_stamp" 2> /dev/null)" = "$(packages_inputs)" ]
}
has_lab_extension() { [ "$(cat "$lab_stamp" 2> /dev/null)" = "$(lab_inputs)" ]; }
write_stamp() { cat > "$1.new" && mv -f "$1.new" "$1"; }

# What nothing works without, by its path in the installation.
vital_files() {
  cd "$root"
  packages=.venv/lib/python3*/site-packages
  for file in .venv/bin/deno .venv/bin/jupyter .venv/bin/jupyter-lab \
    $packages/tensorflow/libtensorflow_cc* $packages/tensorflow/libtensorflow_framework* \
    $packages/typst/*.so $packages/pypandoc/files/pandoc $packages/zmq/backend/cython/*.so \
    $packages/tree_sitter/*.so $packages/tree_sitter_typescript/*.so $packages/nbformat/__init__.py \
    $packages/nbclient/client.py $packages/nbconvert/exporters/exporter.py \
    $packages/jupyter_client/manager.py $packages/jupyter_server/serverapp.py \
    $packages/jupyterlab/labapp.py $packages/__editable__*tessera* \
    .venv/share/jupyter/kernels/deno/kernel.json .venv/share/jupyter/lab/static/index.html \
    .deno/npm/*/@tensorflow/*/*/package.json; do
    if [ -f "$file" ]; then echo "$file"; fi
  done
}
# By what homes know this folder, for which a link may stand that leads to a newer version tomorrow. The import map leads
# to the folder itself: a kernel that runs goes on with the files that it began with. New kernels are the link's.
name_for_homes() {
  "$venv/bin/python" - "$root" > "$venv/import_map.json.new" << 'END'
import json, sys
from pathlib import Path
root = Path(sys.argv[1])
names = json.loads((root / "import_map.json").read_text())["imports"]
own = {name: (root / place).as_uri() for name, place in names.items() if place.startswith("./")}
print(json.dumps({"imports": names | own}, indent=2))
END
  mv -f "$venv/import_map.json.new" "$venv/import_map.json"
  mkdir -p "$venv/share/tessera"
  ln -sfn ../jupyter/kernels "$venv/share/tessera/kernels"
  names_inputs | write_stamp "$names_stamp"
}
# Without xargs, whose programs a batch system's warning would end. The names have no spaces.
sizes_of() { (cd "$root" && LC_ALL=C ls -lnL $(cat) 2> /dev/null | awk '{ print $5, $9 }'); }
# Of all that was fetched for Deno, for the doctor; registry.json changes with what notebooks import.
note_packages() {
  (cd "$DENO_DIR" && find npm -type f ! -name registry.json -exec cksum {} +) |
    write_stamp "$DENO_DIR/tessera-sums.txt"
}
note_sizes() { vital_files | sizes_of | write_stamp "$sizes_stamp"; }
# The first vital file that is not as it was; nothing where all are.
damaged() {
  [ -f "$sizes_stamp" ] || return 0
  cut -d' ' -f2 "$sizes_stamp" | sizes_of | LC_ALL=C diff "$sizes_stamp" - | sed -n 's/^< [0-9]* //p' | head -n 1
  # Somebody else's may lead to a Python that is closed to others, which the commands say.
  if ! [ -e "$venv/bin/python" ] && { [ -w "$venv" ] || ! [ -h "$venv/bin/python" ]; }; then
    echo .venv/bin/python
  fi
}

# Sets `bundle` to the folder of a bundle, which is unpacked and compared with its checksums first.
open_bundle() {
  [ -e "$1" ] || fail "there is no $1."
  bundle=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
  if [ -f "$bundle" ]; then
    unpacked=$root/.bundle
    say "unpacking $1 …"
    mkdir "$unpacked"
    tar -xf "$bundle" -C "$unpacked" || fail "$1 cannot be unpacked: copy it once more."
    bundle=$unpacked
  fi
  [ -f "$bundle/bundle.txt" ] || fail "$1 is no bundle: ./tessera bundle makes one."
  made_for=$(sed -n 's/^platform //p' "$bundle/bundle.txt")
  here="$(uname -s) $(uname -m)"
  [ "$made_for" = "$here" ] || fail "$1 is for $made_for, and this is $here."
  sed -n 's/^lock //p' "$bundle/bundle.txt" | grep -qxF "$(cksum < "$lock_file")" ||
    fail "$1 is of another version of the course: its packages are others."
  sums=sha256sum
  command -v $sums > /dev/null || sums="shasum -a 256"
  spoilt=$(cd "$bundle" && $sums -c checksums.txt 2> /dev/null | sed -n 's/: FAILED.*//p' | head -n 3 | tr '\n' ' ')
  [ -z "$spoilt" ] || fail "$1 is damaged: ${spoilt}differ from what was packed. Copy it once more."
}

if [ "${2:-}" = repair ]; then
  damaged | while read -r file; do
    case $file in .deno/*) rm -rf "$root/$(dirname "$file")" ;; esac # else Deno takes it for fetched
  done
  rm -f "$stamp" "$packages_stamp"
  # What is damaged may be so in uv's cache, which shares its files with .venv.
  export UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1
fi
if is_current && has_packages; then
  file=$(damaged | head -n 1)
  if [ -n "$file" ]; then
    fail "$file is damaged or missing; ./tessera doctor --repair mends the installation."
  fi
fi
if is_current && has_jupyter && has_packages && has_lab_extension && has_fusion && has_hub && has_names && [ "${2:-}" != from ]; then
  # An earlier version's set-up has not noted them.
  if [ -w "$venv" ]; then
    [ -f "$sizes_stamp" ] || note_sizes || true
    [ -f "$DENO_DIR/tessera-sums.txt" ] || note_packages || true
  fi
  exit 0
fi

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
rm -rf "$root/.bundle" # of a set-up that was killed
if [ "${2:-}" = from ]; then open_bundle "$3"; fi

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

# Sets `python` to what .venv is to be made with; uv may bring one. A bundle's packages are for one version.
choose_python() {
  if [ -n "${bundle:-}" ]; then
    version=$(sed -n 's/^python //p' "$bundle/bundle.txt")
    if command -v "python$version" > /dev/null; then
      python=$(command -v "python$version")
    else
      python=$(command -v uv > /dev/null && uv python find --no-project --no-python-downloads --system "$version" \
        2> /dev/null) || fail "the bundle is for Python $version, which is not here."
    fi
    return
  fi
  if ! command -v uv > /dev/null; then
    python=$(find_python) || fail "needs Python 3.11, 3.12 or 3.13 with its venv module" \
      "(TensorFlow has no package for others), or uv, which brings one."
  elif ! python=$(uv python find --no-project --no-python-downloads --system "$python_range" \
    2> /dev/null); then
    python=$python_range
    export UV_PYTHON_INSTALL_DIR="$root/.python" # inside the project, not in the user's home
  fi
}

# What a user has set for pip, in the environment or in a file, would lead out of .venv, or stop it.
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0
pip_install() {
  # uv makes a .venv without pip; who calls later, as by sudo, may have no uv.
  "$venv/bin/python" -c 'import pip' 2> /dev/null || "$venv/bin/python" -m ensurepip > /dev/null 2>&1 ||
    fail "uv has made .venv, and is not in PATH here: put its folder there, and call this again."
  "$venv/bin/python" -m pip install --disable-pip-version-check --target= --prefix="$venv" --root=/ \
    "$@"
}

# Packages are cached as they arrive, so that a second try fetches what is missing; a wrong checksum may be
# an accident on the way.
twice() { "$@" || { say "trying once more …" && "$@"; }; }

# What a set-up for a card takes, before anything is done; fails where the disk has no room for it. Sets `theirs` to the
# folder of libraries that need not be fetched, and `size`.
announce_card() {
  theirs= size="about 7 GB with NVIDIA's libraries" needed=7 minutes=6
  if [ -z "${bundle:-}" ] && theirs=$(find_cuda); then
    size="about 3 GB" needed=3 minutes=2
    say "NVIDIA's libraries in $theirs serve here, too."
  fi
  free=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1048576) }')
  old=$(du -sk "$venv" 2> /dev/null | awk '{ print int($1 / 1048576) }') # which makes room
  if [ $((free + ${old:-0})) -lt $needed ]; then
    fail "a set-up for a graphics card takes $needed GB on disk, and $root has $free GB left."
  fi
  if ! [ -e /proc/driver/nvidia/version ] && ! [ -e /usr/lib/wsl/lib/libcuda.so.1 ] && ! command -v nvidia-smi > /dev/null
  then
    say "there is no NVIDIA driver on this machine: what is set up now serves one that has it."
  fi
  say "this takes about $minutes minutes and $needed GB on disk; Ctrl-C ends it, TESSERA_DEVICE=cpu does without."
}

make_environment() {
  wanted=$lock_file
  if [ -n "$theirs" ]; then wanted=$venv/requirements.txt; fi
  quiet=--quiet # bars on a terminal, but no list of 130 packages in a log
  if [ -t 2 ]; then quiet=; fi
  if command -v uv > /dev/null; then
    say "[1/4] making .venv with uv …"
    uv venv --quiet --no-project --python "$python" "$venv"
    [ -z "$theirs" ] || without_borrowed "$lock_file" > "$wanted"
    say "[2/4] installing the Python packages ($size on disk) …"
    twice uv pip install $quiet --python "$venv/bin/python" --require-hashes --only-binary :all: ${theirs:+--no-deps} \
      ${bundle:+--offline --no-index --find-links "$bundle/wheels"} -r "$wanted"
  else
    say "[1/4] making .venv with $python …"
    "$python" -m venv "$venv"
    [ -z "$theirs" ] || without_borrowed "$lock_file" > "$wanted"
    say "[2/4] installing the Python packages ($size on disk) …"
    twice pip_install $quiet --no-deps --require-hashes --only-binary :all: \
      ${bundle:+--no-index --find-links "$bundle/wheels"} -r "$wanted"
  fi
  if [ -n "$theirs" ]; then link_cuda "$theirs" "$(echo "$venv"/lib/python3*/site-packages)"; fi
}

# What those read who extend TensorFlow in C++: 290 MB in 11,000 files. And what checks a form of address for which
# nobody here asks (jsonschema's "iri"): whoever reads a notebook, a server or nbgrader, would build its 40 grammars first,
# for two seconds.
remove_unused() {
  rm -rf "$venv"/lib/python3*/site-packages/tensorflow/include "$venv"/lib/python3*/site-packages/rfc3987_syntax*
}

# Jupyter's plug-ins of the project. They are compiled here, so that nobody's server has to do it.
install_plugins() {
  if command -v uv > /dev/null; then
    uv pip install --quiet --python "$venv/bin/python" --offline --no-deps --no-build-isolation \
      -e "$root/python"
  else
    pip_install --quiet --no-index --no-deps --no-build-isolation -e "$root/python"
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
# missing is fetched when it is first imported, so this may fail. Here the versions are held to the lock;
# deno.json names none, since a notebook that imports a package of its own would rewrite it.
fetch_packages() {
  if [ -n "${bundle:-}" ]; then mkdir -p "$DENO_DIR" && cp -R "$bundle/deno/." "$DENO_DIR/"; fi
  (
    cd "$root"
    find . \( -name '.?*' -o -path ./tests/tfjs_specs/third_party \) -prune \
      -o \( -path ./lib/mod.ts -o -path './tools/*.ts' -o -path ./language/main.ts -o -path ./marking/hand_in.ts \
      -o -path ./bench/main.ts -o -path './tests/*_test.ts' \) -exec "$venv/bin/deno" cache --quiet --config deno.json --lock deno.lock {} +
  ) && "$venv/bin/deno" run --quiet --allow-all --config "$root/deno.json" "$root/tools/pin_packages.ts" ||
    return 1
  # More than half of what the packages take: what debuggers read, and TensorFlow.js whole, for pages.
  find "$DENO_DIR/npm" \( -name '*.map' -o -path '*/@tensorflow/*' \
    \( -name '*.min.js' -o -name '*.es2017.js' -o -name '*.fesm.js' -o -name '*.js.html' \) \) \
    -exec rm -f {} +
  # Some packages bring files that only their owner may read.
  chmod -R a+rX "$DENO_DIR"
  note_packages
  packages_inputs | write_stamp "$packages_stamp"
}

# Without it everything is right, and slower: what stops it stops nothing else.
fetch_fusion() {
  say "fetching LLVM for fused kernels (60 MB) …"
  if command -v uv > /dev/null; then
    set -- uv pip install --python "$venv/bin/python" ${bundle:+--offline}
  else
    set -- pip_install
  fi
  if twice "$@" --quiet --no-deps --require-hashes --only-binary :all: \
    ${bundle:+--no-index --find-links "$bundle/wheels"} -r "$fusion_lock"; then
    cksum < "$fusion_lock" | write_stamp "$fusion_stamp"
  else
    say "LLVM could not be fetched: steps run without fused kernels." \
      "TESSERA_FUSION=on ./tessera doctor tries again."
    echo "without $(cksum < "$fusion_lock")" | write_stamp "$fusion_stamp"
  fi
}

# JupyterHub, and the proxy before it, a program for Node.
fetch_hub() {
  say "fetching JupyterHub (25 MB) …"
  [ -z "${bundle:-}" ] || fail "the bundle has no JupyterHub: it needs the internet."
  if command -v uv > /dev/null; then set -- uv pip install --python "$venv/bin/python"; else set -- pip_install; fi
  mkdir -p "$venv/proxy"
  cp "$root/hub/deno.json" "$root/hub/deno.lock" "$venv/proxy/"
  twice "$@" --quiet --no-deps --require-hashes --only-binary :all: -r "$hub_lock" && (cd "$venv/proxy" && twice "$venv/bin/deno" install --quiet --frozen) ||
    fail "JupyterHub could not be fetched; the next ./tessera tries again."
  # Users' servers may not keep what Python compiles, and would do it at each start. Left out is what
  # none of them imports; a few files are no Python.
  say "compiling the Python packages …"
  "$venv/bin/python" -m compileall -q -j 0 -x '/(tensorflow|keras|plotly|debugpy|tests?)/' "$venv/lib" > /dev/null || true
  hub_inputs | write_stamp "$hub_stamp"
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
  theirs= size='about 2 GB'
  if [ $device = gpu ]; then announce_card; fi
  if [ -e "$venv" ]; then say "setting up again in $root"; else say "first use: setting up in $root"; fi
  started=$(date +%s)
  rm -rf "$venv"
  make_environment
  remove_unused
  has_fusion || fetch_fusion
  has_hub || fetch_hub
  say "[3/4] adding the Deno kernel to .venv …"
  set_up_jupyter
  name_for_homes
  inputs | write_stamp "$stamp"
  say "[4/4] fetching the npm packages …"
  twice fetch_packages && make_lab_extension || fetched=no
  say "set-up took $(($(date +%s) - started)) s"
else
  remove_unused
  has_fusion || fetch_fusion
  has_hub || fetch_hub
  has_jupyter || set_up_jupyter
  has_names || name_for_homes
  has_packages || fetch_packages || fetched=no
  has_lab_extension || make_lab_extension || fetched=no
fi
if [ -n "${bundle:-}" ]; then
  if [ -d "$bundle/data" ]; then mkdir -p "$root/data" && cp -R "$bundle/data/." "$root/data/"; fi
  rm -rf "$root/.bundle"
fi
note_sizes
if [ $fetched = no ]; then say "not all npm packages could be fetched; the next ./tessera tries again."; fi
