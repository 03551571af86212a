// The functions that code compiled with -fsanitize=thread calls before each of its accesses to memory, which
// is how the kernels' own accesses are seen, all of them and none but theirs. The thread sanitizer's library,
// which is not linked, has functions of the same names.
#include "cuda/emulated/shadow.h"

using dmt::emulated::Access;
using dmt::emulated::check_access;

#define DMT_HOOK extern "C" __attribute__((visibility("hidden"))) void

#define DMT_ALIGNED_HOOKS(bytes)                           \
  DMT_HOOK __tsan_read##bytes(void* address) {             \
    check_access(address, {bytes, bytes}, Access::kRead);  \
  }                                                        \
  DMT_HOOK __tsan_write##bytes(void* address) {            \
    check_access(address, {bytes, bytes}, Access::kWrite); \
  }
#define DMT_UNALIGNED_HOOKS(bytes)                        \
  DMT_HOOK __tsan_unaligned_read##bytes(void* address) {  \
    check_access(address, {bytes, 1}, Access::kRead);     \
  }                                                       \
  DMT_HOOK __tsan_unaligned_write##bytes(void* address) { \
    check_access(address, {bytes, 1}, Access::kWrite);    \
  }

DMT_ALIGNED_HOOKS(1)
DMT_ALIGNED_HOOKS(2)
DMT_ALIGNED_HOOKS(4)
DMT_ALIGNED_HOOKS(8)
DMT_ALIGNED_HOOKS(16)
DMT_UNALIGNED_HOOKS(2)
DMT_UNALIGNED_HOOKS(4)
DMT_UNALIGNED_HOOKS(8)
DMT_UNALIGNED_HOOKS(16)

DMT_HOOK __tsan_read_range(void* address, unsigned long bytes) {
  check_access(address, {bytes, 1}, Access::kRead);
}
DMT_HOOK __tsan_write_range(void* address, unsigned long bytes) {
  check_access(address, {bytes, 1}, Access::kWrite);
}

DMT_HOOK __tsan_init() {}
DMT_HOOK __tsan_func_entry(void*) {}
DMT_HOOK __tsan_func_exit() {}
DMT_HOOK __tsan_vptr_update(void**, void*) {}
DMT_HOOK __tsan_vptr_read(void**) {}
