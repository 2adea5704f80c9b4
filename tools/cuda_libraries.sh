# Sourced by set_up.sh: NVIDIA's libraries of a PyTorch that is here already, which need not be fetched once more
# (4 of 7 GB). PyTorch for CUDA 12 has a folder for each as NVIDIA's packages have; that for CUDA 13 has most in one,
# and they do for TensorFlow under CUDA 12's names (docs/performance.md).

# By the package's folder: the names that TensorFlow asks for.
borrowed_libraries='cublas:cublas.so.12 cublas:cublasLt.so.12 cuda_cupti:cupti.so.12 cuda_nvrtc:nvrtc.so.12
cudnn:cudnn.so.9 cufft:cufft.so.11 curand:curand.so.10 cusolver:cusolver.so.11 cusparse:cusparse.so.12
nccl:nccl.so.2 nvjitlink:nvJitLink.so.12'

# The folder of NVIDIA's libraries beside the PyTorch of TESSERA_PYTORCH or of the path; fails where there is none, or
# one of its libraries is missing or its cuDNN is older than TensorFlow needs.
find_cuda() {
  for candidate in "${TESSERA_PYTORCH:-}" python3 python; do
    if [ -n "$candidate" ] && "$candidate" - $borrowed_libraries 2> /dev/null << 'END'; then return; fi
import glob, importlib.util, os, re, sys
packages = os.path.dirname(os.path.dirname(os.path.realpath(importlib.util.find_spec("torch").origin)))
for each in sys.argv[1:]:
    name = each.split(":")[1].split(".so.")[0]
    assert glob.glob(f"{packages}/nvidia/*/lib/lib{name}.so.[0-9]*"), name
versions = [re.findall(r"-(\d+)\.(\d+)", each) for each in glob.glob(f"{packages}/nvidia_cudnn_cu1*.dist-info")]
assert max((int(major), int(minor)) for [(major, minor), *_] in versions) >= (9, 3)
print(f"{packages}/nvidia")
END
  done
  return 1
}

# A lock file without the packages whose libraries are borrowed: without_borrowed LOCK.
without_borrowed() {
  names=$(for each in $borrowed_libraries; do echo "${each%%:*}"; done | sort -u | tr '_\n' '-|')
  awk -v borrowed="^nvidia-(${names%|})-cu12==" '/^[a-z]/ { left = $0 ~ borrowed } !left' "$1"
}

# Links the libraries in THEIRS to where TensorFlow looks for them: link_cuda THEIRS PACKAGES.
link_cuda() {
  mkdir -p "$2/nvidia"
  # Whole folders, since some libraries look for others beside them.
  for folder in "$1"/*/; do
    folder=$(basename "$folder")
    if [ -d "$1/$folder/lib" ] && ! [ -e "$2/nvidia/$folder" ]; then ln -s "$1/$folder" "$2/nvidia/$folder"; fi
  done
  for each in $borrowed_libraries; do
    place=$2/nvidia/${each%%:*}/lib name=lib${each#*:}
    if [ -e "$place/$name" ]; then continue; fi
    mkdir -p "$place"
    ln -s "$(ls -d "$1"/*/lib/"${name%.so.*}".so.[0-9]* | head -n 1)" "$place/$name"
  done
}
