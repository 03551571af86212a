#include "cuda/kernels.h"

#include "base/shared_library.h"

namespace dmt::cuda {

Kernels kernels_of(const std::filesystem::path& file) {
  SharedLibrary library(file.string());
  Kernels kernels;
#define DMT_CUDA_OP(name, Op) \
  kernels.name = library.function<int32_t(const Op*, DmtStream)>("dmt_cuda_" #name);
  DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
#define DMT_CUDA_RUNTIME_FUNCTION(name, parameters) \
  kernels.name = library.function<int32_t parameters>("dmt_cuda_" #name);
  DMT_CUDA_RUNTIME(DMT_CUDA_RUNTIME_FUNCTION)
#undef DMT_CUDA_RUNTIME_FUNCTION
  kernels.rms_norm_workspace = library.function<int64_t(int64_t, int64_t)>("dmt_cuda_rms_norm_workspace");
  kernels.decode_workspace =
      library.function<int64_t(int64_t, int32_t, int32_t, int64_t)>("dmt_cuda_decode_workspace");
  kernels.last_error = library.function<const char*()>("dmt_cuda_last_error");
  DMT_CHECK(library.fault().empty(), "the GPU kernels cannot be loaded: ", file.string(), ": ",
            library.fault());
  return kernels;
}

std::filesystem::path kernels_file() {
  return folder_of_library(reinterpret_cast<const void*>(&kernels_file)) / "libdmt_cuda.so";
}

const Kernels& load_kernels() {
  static const Kernels kernels = kernels_of(kernels_file());
  return kernels;
}

}  // namespace dmt::cuda
