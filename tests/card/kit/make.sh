#!/usr/bin/env bash
# Makes a kit for a machine with a graphics card and PyTorch, but without a network: make.sh OUT [ARCHITECTURE], called in
# a checkout that is set up; ARCHITECTURE is the card's compute capability without its point, 90 for an H100 or H200.
#
# OUT/1, OUT/2, … hold at most 50 MB each, to be brought there one at a time. Put their files into one folder there
# and call `sh unpack.sh FOLDER KIT`, then `. KIT/env.sh && deno task card`. The last one has the project and changes
# with it; PROJECT_ONLY=1 makes that one alone. CIFAR-10 comes along where it is set up here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../../.." && pwd)
out=$1 architecture=${2:-90}
mkdir -p "$out" && out=$(cd "$out" && pwd)
data=${TESSERA_DATA:-$project/data}
deno=$project/.venv/bin/deno
version=$(sed -n 's/^tensorflow-cpu==\([0-9.]*\).*/\1/p' "$project/requirements.in")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# In blocks, so that several cores unpack it; PACKING=0 is quicker and a quarter larger.
packed() { xz -T0 -"${PACKING:-4}" --block-size=24MiB; }

make_base() {
  # Of TensorFlow's build for cards its two libraries, and of CUDA's the one that PyTorch does not bring for it.
  platforms=(--platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux2014_x86_64)
  python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 --implementation cp --abi cp312 \
    --abi none "${platforms[@]}" --dest wheels "tensorflow==$version" nvidia-cuda-runtime-cu12
  packages=base/.venv/lib/python3/site-packages
  mkdir -p $packages/tensorflow $packages/nvidia/cuda_runtime/lib base/.venv/bin
  unzip -q -j wheels/tensorflow-*.whl 'tensorflow/libtensorflow_*.so.2' -d $packages/tensorflow
  unzip -q -j wheels/nvidia_cuda_runtime*.whl '*/libcudart.so.12' -d $packages/nvidia/cuda_runtime/lib
  for library in $packages/tensorflow/*.so.2; do
    "$deno" run --quiet --allow-read --allow-write "$here/prune.ts" "$library" "$architecture"
  done
  cp "$deno" base/.venv/bin/
  # The npm packages that the library, the bench and the tests import, without what nothing reads when they run.
  (
    cd "$project"
    find lib/mod.ts bench recipes tools tests/card tests -name '*.ts' -not -path 'tests/tfjs_specs/*' \
      \( -not -path 'tests/*' -o -name '*_test.ts' -o -path 'tests/card/*' \) \
      -exec env DENO_DIR="$work/base/.deno" "$deno" cache --quiet --no-check --config deno.json {} +
  )
  find base/.deno \( -name '*.map' -o -name '*.d.ts' -o -name '*.md' -o -name '*.html' \
    -o -path '*/@tensorflow/*' \( -name '*.min.js' -o -name '*.es2017.js' -o -name '*.fesm.js' \) \) -delete
  rm -rf base/.deno/gen base/.deno/*analysis_cache*
  mkdir -p base/data
  cp -rL "$data/mnist" base/data/
  if [ -d "$data/cifar10/cifar-10-batches-bin" ]; then
    mkdir base/data/cifar10 && cp -rL "$data/cifar10/cifar-10-batches-bin" base/data/cifar10/
  fi
  rm -rf "$out"/[0-9]*
  tar c -C base . | packed | split -b 50000000 -d - base.
  part=1
  for piece in base.*; do
    mkdir "$out/$part" && mv "$piece" "$out/$part/"
    part=$((part + 1))
  done
}

[ -n "${PROJECT_ONLY:-}" ] || make_base
# The weights of the two largest models are half of the project, and no trial loads them.
rm -rf "$out/project" && mkdir "$out/project"
git -C "$project" archive HEAD -- . ':!checkpoints/cifar-resnet18' ':!checkpoints/cifar-crossvit' ':!docs/*.png' \
  ':!tests/tfjs_specs/third_party' | packed > "$out/project/project.tar.xz"
cp "$here/unpack.sh" "$out/project/"
du -sh "$out"/*
