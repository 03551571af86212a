#include <cstdarg>
#include <cstdio>

#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

thread_local char last_error[512] = "";

}  // namespace

int32_t bad_argument(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last_error, sizeof(last_error), format, arguments);
  va_end(arguments);
  return DMT_CUDA_BAD_ARGUMENT;
}

int32_t outcome(const char* op, cudaError_t error, const char* remark) {
  if (error == cudaSuccess) return DMT_CUDA_OK;
  cudaGetLastError();  // or the next launch would report it as its own
  snprintf(last_error, sizeof(last_error), "%s: %s (%s, %d)%s", op, cudaGetErrorString(error),
           cudaGetErrorName(error), static_cast<int>(error), remark);
  return static_cast<int32_t>(error);
}

int32_t launched(const char* op) {
  return outcome(op, cudaGetLastError());
}

void forget_last_error() {
  last_error[0] = '\0';
}

}  // namespace dmt::cuda

#define DMT_CUDA_TEXT_OF(x) #x
#define DMT_CUDA_TEXT(x) DMT_CUDA_TEXT_OF(x)
/// Read from the file where kernels are taken that were built elsewhere, see cmake/PrebuiltKernels.cmake.
extern "C" DMT_CUDA_API const char dmt_cuda_identity[];
const char dmt_cuda_identity[] = "dmt_cuda interface " DMT_CUDA_TEXT(DMT_CUDA_INTERFACE_VERSION);

int32_t dmt_cuda_interface_version(void) {
  return DMT_CUDA_INTERFACE_VERSION;
}

int32_t dmt_cuda_toolkit_version(void) {
  return CUDART_VERSION;
}

const char* dmt_cuda_architectures(void) {
  return DMT_CUDA_ARCHITECTURES;
}

const char* dmt_cuda_last_error(void) {
  return dmt::cuda::last_error;
}
