#!/bin/sh
# Unpacks a kit (make.sh) on the machine with the card: unpack.sh FOLDER KIT, FOLDER being where the kit's files
# lie. KIT/env.sh then makes a shell ready: `. KIT/env.sh && deno task card`.
set -eu
parts=$(cd "$1" && pwd)
mkdir -p "$2" && kit=$(cd "$2" && pwd)
cat "$parts"/base.* | xz -T0 -dc | tar x -C "$kit"
xz -dc "$parts/project.tar.xz" | tar x -C "$kit"

# PyTorch's CUDA libraries under the names that TensorFlow asks for: those of CUDA 13 do for CUDA 12.
packages=$kit/.venv/lib/python3/site-packages/nvidia
theirs=$(python3 -c 'import importlib.util, os
found = importlib.util.find_spec("torch")
print(os.path.join(os.path.dirname(os.path.dirname(found.origin)), "nvidia") if found else "/nowhere")')
mkdir -p "$packages/pytorch/lib"
for name in cublas.so.12 cublasLt.so.12 cudnn.so.9 cufft.so.11 cupti.so.12 curand.so.10 cusolver.so.11 cusparse.so.12 \
  nccl.so.2 nvJitLink.so.12 nvrtc.so.12; do
  found=$(ls -d "$theirs"/*/lib/lib"${name%.so.*}".so.[0-9]* 2> /dev/null | head -n 1)
  if [ -n "$found" ]; then ln -sf "$found" "$packages/pytorch/lib/lib$name"; else echo "no library for $name"; fi
done
folders=$packages/pytorch/lib$(printf ':%s' "$theirs"/*/lib)
cat > "$kit/env.sh" << END
export LD_LIBRARY_PATH=$folders DENO_DIR=$kit/.deno TESSERA_CALLER=$kit DENO_NO_UPDATE_CHECK=1
export TESSERA_DEVICE=\${TESSERA_DEVICE:-gpu} PATH=$kit/.venv/bin:\$PATH
cd $kit
END
