#!/bin/sh
# Unpacks a kit (make.sh) on the machine with the card: unpack.sh FOLDER KIT, FOLDER being where the kit's files
# lie. KIT/env.sh then makes a shell ready: `. KIT/env.sh && deno task card`.
set -eu
parts=$(cd "$1" && pwd)
mkdir -p "$2" && kit=$(cd "$2" && pwd)
cat "$parts"/base.* | xz -T0 -dc | tar x -C "$kit"
xz -dc "$parts/project.tar.xz" | tar x -C "$kit"
packages=$kit/.venv/lib/python3/site-packages
. "$kit/tools/cuda_libraries.sh"
if theirs=$(find_cuda); then
  link_cuda "$theirs" "$packages"
else
  echo "There is no PyTorch here with NVIDIA's libraries: only TESSERA_DEVICE=cpu works." >&2
fi
# The loader finds the libraries without this, too; so it does where something is otherwise than it was thought.
folders=$(printf ':%s' "$packages"/nvidia/*/lib)
cat > "$kit/env.sh" << END
export LD_LIBRARY_PATH=${folders#:} DENO_DIR=$kit/.deno TESSERA_CALLER=$kit DENO_NO_UPDATE_CHECK=1
export TESSERA_DEVICE=\${TESSERA_DEVICE:-gpu} PATH=$kit/.venv/bin:\$PATH
cd $kit
END
