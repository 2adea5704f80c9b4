# Sourced: makes the GNU C library keep the memory that a training step frees for the next step, in
# large pages. As it comes, it gives big tensors back to the system and has them mapped and cleared
# anew, 57 MB in each step of a ResNet-18, which costs about a tenth of the time. Without its lists of
# small pieces, of which aligned tensors leave many, a freed tensor's place fits the next one: else a step
# takes 1.4 times the memory. Other C libraries do not read the variable. What the user has set stays.
export GLIBC_TUNABLES="${GLIBC_TUNABLES-glibc.malloc.mmap_threshold=1073741824:\
glibc.malloc.trim_threshold=8589934592:glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1:\
glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0}"
# TensorFlow's own allocator, in place of the C library's, never gives memory back: an idle kernel could not.
export TF_ONEDNN_USE_SYSTEM_ALLOCATOR="${TF_ONEDNN_USE_SYSTEM_ALLOCATOR-1}"
