// What this process finds of CUDA: the driver, its GPUs and our kernels. All is looked up while the program
// runs, so that one build serves machines with and without a GPU.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dmt::cuda {

struct GpuDevice {
  std::string name;
  int32_t major = 0, minor = 0;  // compute capability
  int64_t memory_bytes = 0;
};

struct GpuFacts {
  std::string driver_fault;     // why libcuda.so.1 could not be loaded or started; empty if it was
  bool driver_missing = false;  // there is no libcuda.so.1
  int32_t driver_version = 0;   // newest CUDA that it serves: 13000 is 13.0
  std::vector<GpuDevice> devices;
  std::string kernels_fault;    // why libdmt_cuda.so could not be loaded; empty if it was
  int32_t toolkit_version = 0;  // of CUDA, that our kernels were compiled with
  std::string architectures;    // of our kernels, such as "80 90 100"
};

/// Looks for the driver, and for our kernels next to the engine's own library.
GpuFacts find_gpu();

/// Why there is no device `index`, with the remedy; empty if there is.
std::string driver_fault(const GpuFacts& facts, int32_t index);

/// Why our kernels are not there, or cannot run on device `index`, if there is one, with the remedy; empty if
/// neither is so.
std::string kernels_fault(const GpuFacts& facts, int32_t index);

/// The first of both.
std::string gpu_fault(const GpuFacts& facts, int32_t index);

/// The GPUs and what the driver serves, for a person.
std::string describe_devices(const GpuFacts& facts);

/// One line for a person: the GPUs and the kernels, or the fault of device 0.
std::string describe(const GpuFacts& facts);

}  // namespace dmt::cuda
