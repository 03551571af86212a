// What of CUDA's language is written through macros, so that the host's compiler takes the kernels as well as
// nvcc, see [Note: emulated device].
#pragma once

#include <cuda_runtime_api.h>

#include <type_traits>

/// DMT_LAUNCH(grid, block, stream, kernel<T>)(arguments) launches a kernel.
/// DMT_SHARED(name, float[32][32]); is a variable that the threads of a block share.
#if defined(DMT_EMULATED_DEVICE)
#define DMT_LAUNCH(grid, block, stream, ...)                 \
  ::dmt::emulated::launch(#__VA_ARGS__, grid, block, stream, \
                          [](auto... arguments) { __VA_ARGS__(arguments...); })
#define DMT_SHARED(name, ...) auto& name = ::dmt::emulated::shared<std::type_identity_t<__VA_ARGS__>>([] {})
#else
#define DMT_LAUNCH(grid, block, stream, ...) __VA_ARGS__<<<grid, block, 0, stream>>>
#define DMT_SHARED(name, ...) __shared__ std::type_identity_t<__VA_ARGS__> name
#endif
