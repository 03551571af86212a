/// What tests ask of an emulated device besides the C interface of the kernels.
#pragma once

#include <stdint.h>

#define DMT_EMULATED_API extern "C" __attribute__((visibility("default")))

/// All that ran since the library was loaded.
DMT_EMULATED_API void dmt_emulated_counts(int64_t* launches, int64_t* blocks, int64_t* threads);

/// Memory that kernels may touch. In a library with checks every other access of theirs is a fault, besides
/// those to shared memory, to local variables and to constants.
DMT_EMULATED_API void dmt_emulated_watch(const void* begin, int64_t bytes);
DMT_EMULATED_API void dmt_emulated_unwatch(const void* begin);

/// In the library of broken kernels: which of its changes is made from here on; null for none.
DMT_EMULATED_API void dmt_emulated_break(const char* change);
