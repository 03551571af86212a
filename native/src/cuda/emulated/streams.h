/// Launches, one after the other or written down.
#pragma once

#include <cuda_runtime_api.h>

#include <string>
#include <vector>

#include "cuda/emulated/device.h"

namespace dmt::emulated {

struct Launch {
  const char* kernel;
  Size3 grid, block;
  std::unique_ptr<Work> work;
};

struct Graph {
  std::vector<Launch> launches;
};

struct Stream {
  Graph* capturing = nullptr;
  bool broken = false;  // what cannot be captured was tried
};

struct Event {
  bool recorded = false;
  double milliseconds = 0.0;
};

void run_now(const Launch& launch);
/// The error that cudaGetLastError() returns; the first one is kept, with its message.
void fail(cudaError_t error, const std::string& message);

}  // namespace dmt::emulated
