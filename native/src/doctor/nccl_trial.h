// NCCL's collectives among the GPUs of one process: whether they give what they should, and how fast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "doctor/gpu_checks.h"

namespace dmt {

/// The functions of libnccl.so.2 that are needed, as nccl.h declares them.
struct Nccl {
  using Comm = void*;
  int (*init_all)(Comm* comms, int count, const int* devices) = nullptr;
  int (*destroy)(Comm) = nullptr;
  int (*group_start)() = nullptr;
  int (*group_end)() = nullptr;
  int (*all_gather)(const void* in, void* out, size_t in_count, int type, Comm, void* stream) = nullptr;
  int (*reduce_scatter)(const void* in, void* out, size_t out_count, int type, int op, Comm,
                        void* stream) = nullptr;
  int (*send)(const void* in, size_t count, int type, int peer, Comm, void* stream) = nullptr;
  int (*recv)(void* out, size_t count, int type, int peer, Comm, void* stream) = nullptr;
  const char* (*error_text)(int) = nullptr;

  /// Those of the library that is loaded in this process; nothing if none is.
  static std::optional<Nccl> loaded();
};

struct NcclTrial {
  std::vector<at::Device> devices;                // one for each rank
  int64_t part = int64_t{1} << 24;                // float32 values that a rank has for another one
  std::function<void(int32_t device)> wait = {};  // until the device has done what was asked for
};
/// A line for each of all-gather, reduce-scatter and all-to-all. Throws EngineError if NCCL does not start.
CheckLines try_collectives(const Nccl& nccl, const NcclTrial& trial);

/// The same on the GPUs of this process, or why not.
CheckLines check_collectives(int32_t gpus);

}  // namespace dmt
