/// What the emulated device knows of the thread that is running, and how it reports what goes wrong. Of the
/// emulated device alone; the kernels see device.h.
#pragma once

#include <string>

#include "cuda/emulated/device.h"

namespace dmt::emulated {

/// There is one, as there is one device: threads of the host launch in turn. Addresses are of the machine
/// that belongs to the host's thread.
struct Running {
  bool in_kernel = false;
  const char* kernel = "";
  uint32_t launch = 0;        // counts launches, from 1
  uint32_t block_serial = 0;  // counts blocks of all launches, from 1
  uint32_t block = 0;         // of the launch
  uint32_t epoch = 0;         // barriers that the block has passed
  int32_t thread = 0;         // of the block
  const char* stacks = nullptr;
  const char* stacks_end = nullptr;
  const char* shared = nullptr;
  size_t shared_bytes = 0;  // in use
};
extern Running running;

/// Keeps what the thread that is running has done wrong, until cudaGetLastError(). Later faults are counted.
void report(const std::string& what);
/// "thread (33, 0, 0)" of the block that is running.
std::string thread_name(int32_t thread);

struct Counts {
  int64_t launches, blocks, threads;
};

}  // namespace dmt::emulated
