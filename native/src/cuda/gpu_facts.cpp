#include "cuda/gpu_facts.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/check.h"
#include "base/shared_library.h"
#include "cuda/dmt_cuda.h"
#include "cuda/kernels.h"

namespace dmt::cuda {
namespace {

/// The few functions of the driver's interface that are needed, as cuda.h declares them.
struct Driver {
  explicit Driver(SharedLibrary& library)
      : init(library.function<int(unsigned)>("cuInit")),
        version(library.function<int(int*)>("cuDriverGetVersion")),
        error_text(library.function<int(int, const char**)>("cuGetErrorString")),
        device_count(library.function<int(int*)>("cuDeviceGetCount")),
        device(library.function<int(int*, int)>("cuDeviceGet")),
        name(library.function<int(char*, int, int)>("cuDeviceGetName")),
        memory(library.function<int(size_t*, int)>("cuDeviceTotalMem_v2")),
        attribute(library.function<int(int*, int, int)>("cuDeviceGetAttribute")) {}

  std::string text(int error) const {
    const char* text = nullptr;
    error_text(error, &text);
    return concat(text == nullptr ? "error" : text, " (", error, ")");
  }

  int (*init)(unsigned);
  int (*version)(int*);
  int (*error_text)(int, const char**);
  int (*device_count)(int*);
  int (*device)(int*, int);
  int (*name)(char*, int, int);
  int (*memory)(size_t*, int);
  int (*attribute)(int*, int, int);
};

constexpr int kNoDevice = 100;               // CUDA_ERROR_NO_DEVICE
constexpr int kComputeCapabilityMajor = 75;  // CU_DEVICE_ATTRIBUTE_...
constexpr int kComputeCapabilityMinor = 76;

void find_driver(GpuFacts& facts) {
  SharedLibrary library("libcuda.so.1");
  facts.driver_missing = !library.fault().empty();
  const Driver driver(library);
  facts.driver_fault = library.fault();
  if (!facts.driver_fault.empty()) return;
  driver.version(&facts.driver_version);
  int error = driver.init(0);
  int count = 0;
  if (error == 0) error = driver.device_count(&count);
  if (error != 0 && error != kNoDevice) facts.driver_fault = driver.text(error);
  for (int i = 0; i < count; ++i) {
    int handle = 0;
    char name[256] = "";
    size_t memory = 0;
    GpuDevice device;
    error = driver.device(&handle, i);
    if (error == 0) error = driver.name(name, sizeof(name), handle);
    if (error == 0) error = driver.memory(&memory, handle);
    if (error == 0) error = driver.attribute(&device.major, kComputeCapabilityMajor, handle);
    if (error == 0) error = driver.attribute(&device.minor, kComputeCapabilityMinor, handle);
    if (error != 0) {
      facts.driver_fault = concat("device ", i, ": ", driver.text(error));
      return;
    }
    device.name = name;
    device.memory_bytes = static_cast<int64_t>(memory);
    facts.devices.push_back(device);
  }
}

void find_kernels(GpuFacts& facts) {
  const std::filesystem::path file = kernels_file();
  if (!std::filesystem::exists(file)) {
    facts.kernels_fault = concat("there is no ", file.string());
    return;
  }
  SharedLibrary library(file.string());
  auto* interface_version = library.function<int32_t()>("dmt_cuda_interface_version");
  auto* toolkit_version = library.function<int32_t()>("dmt_cuda_toolkit_version");
  auto* architectures = library.function<const char*()>("dmt_cuda_architectures");
  facts.kernels_fault = library.fault();
  if (!facts.kernels_fault.empty()) return;
  if (interface_version() != DMT_CUDA_INTERFACE_VERSION) {
    facts.kernels_fault = concat(file.string(), " has interface ", interface_version(), ", the engine needs ",
                                 DMT_CUDA_INTERFACE_VERSION, ": they come from different builds");
    return;
  }
  facts.toolkit_version = toolkit_version();
  facts.architectures = architectures();
}

/// "13.0" for 13000.
std::string version_text(int32_t version) {
  return concat(version / 1000, ".", version % 1000 / 10);
}

std::vector<int32_t> numbers(const std::string& words) {
  std::vector<int32_t> all;
  std::istringstream in(words);
  for (int32_t number = 0; in >> number;) all.push_back(number);
  return all;
}

/// Whether machine code of one of the architectures runs on the device, or the PTX of the last can be
/// compiled. Machine code runs on devices of the same major number and no smaller minor one.
bool runs(const std::vector<int32_t>& architectures, const GpuDevice& device) {
  const int32_t capability = device.major * 10 + device.minor;
  const bool by_code = std::any_of(architectures.begin(), architectures.end(), [&](int32_t a) {
    return a / 10 == device.major && a % 10 <= device.minor;
  });
  return by_code || (!architectures.empty() && capability >= architectures.back());
}

}  // namespace

GpuFacts find_gpu() {
  GpuFacts facts;
  find_driver(facts);
  find_kernels(facts);
  return facts;
}

std::string driver_fault(const GpuFacts& facts, int32_t index) {
  if (facts.driver_missing)
    return concat("no NVIDIA driver: ", facts.driver_fault,
                  "; install the driver (it brings libcuda.so.1), or, in a container, pass the GPU through");
  if (facts.driver_version != 0 && facts.toolkit_version != 0 &&
      facts.driver_version / 1000 < facts.toolkit_version / 1000)
    return concat("the NVIDIA driver is too old: it serves CUDA ", version_text(facts.driver_version),
                  ", the kernels need ", version_text(facts.toolkit_version),
                  "; install a newer driver, or build with an older toolkit (CUDA_HOME)");
  if (!facts.driver_fault.empty())
    return concat("the NVIDIA driver does not work: ", facts.driver_fault,
                  "; nvidia-smi and dmesg say more, and a new driver needs a reboot");
  if (facts.devices.empty())
    return "the NVIDIA driver finds no GPU; see nvidia-smi, and what CUDA_VISIBLE_DEVICES leaves visible";
  const auto count = static_cast<int32_t>(facts.devices.size());
  if (index < 0 || index >= count)
    return concat("there is no GPU ", index, ": this process sees ", count, ", numbered from 0",
                  "; see CUDA_VISIBLE_DEVICES");
  return "";
}

std::string kernels_fault(const GpuFacts& facts, int32_t index) {
  if (!facts.kernels_fault.empty())
    return concat("no GPU kernels: ", facts.kernels_fault,
                  "; add the jar ai.dmt:dmt-native:linux-x86_64-gpu, or build where nvcc is, 12.8 or newer "
                  "(cmake -DDMT_CUDA=ON says what is missing)");
  if (index < 0 || static_cast<size_t>(index) >= facts.devices.size()) return "";
  const GpuDevice& device = facts.devices[static_cast<size_t>(index)];
  if (!runs(numbers(facts.architectures), device))
    return concat("GPU ", index, " (", device.name, ") has compute capability ", device.major, ".",
                  device.minor, ", the kernels are for ", facts.architectures,
                  "; build with -DDMT_CUDA_ARCHITECTURES=", device.major, device.minor);
  return "";
}

std::string gpu_fault(const GpuFacts& facts, int32_t index) {
  const std::string fault = driver_fault(facts, index);
  return fault.empty() ? kernels_fault(facts, index) : fault;
}

std::string describe_devices(const GpuFacts& facts) {
  std::ostringstream text;
  for (size_t i = 0; i < facts.devices.size(); ++i) {
    const GpuDevice& device = facts.devices[i];
    text << (i == 0 ? "" : ", ") << i << ": " << device.name << " (" << (device.memory_bytes >> 20)
         << " MiB, compute capability " << device.major << "." << device.minor << ")";
  }
  text << "; driver for CUDA " << version_text(facts.driver_version);
  return text.str();
}

std::string describe(const GpuFacts& facts) {
  const std::string fault = gpu_fault(facts, 0);
  if (!fault.empty()) return fault;
  return concat(describe_devices(facts), ", kernels of CUDA ", version_text(facts.toolkit_version), " for ",
                facts.architectures);
}

}  // namespace dmt::cuda
