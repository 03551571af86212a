// The functions of the CUDA runtime that the kernels' library calls. All work is done when a call returns, so
// that streams and events only have to be in a state in which the call is allowed.
#include <cuda_runtime_api.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "cuda/emulated/streams.h"

namespace dmt::emulated {
namespace {

struct LastError {
  cudaError_t error = cudaSuccess;
  int64_t count = 0;
  std::string message;  // stays until the next error
};
thread_local LastError last;

double now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

void fail(cudaError_t error, const std::string& message) {
  if (last.error == cudaSuccess) {
    last.error = error;
    last.count = 0;
    last.message = message;
  }
  ++last.count;
}

void run(const char* kernel, Size3 grid, Size3 block, Stream* stream, std::unique_ptr<Work> work) {
  Launch launch = {kernel, grid, block, std::move(work)};
  if (stream != nullptr && stream->capturing != nullptr) {
    stream->capturing->launches.push_back(std::move(launch));
  } else {
    run_now(launch);
  }
}

}  // namespace dmt::emulated

using namespace dmt::emulated;

namespace {

/// What a captured stream cannot do.
cudaError_t not_captured(Stream* stream) {
  if (stream == nullptr || stream->capturing == nullptr) return cudaSuccess;
  stream->broken = true;
  return cudaErrorStreamCaptureUnsupported;
}

}  // namespace

cudaError_t cudaGetLastError() {
  const cudaError_t error = last.error;
  if (error != cudaSuccess && last.count > 1)
    last.message += ", and " + std::to_string(last.count - 1) + " more faults";
  last.error = cudaSuccess;
  return error;
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidConfiguration:
    case cudaErrorLaunchFailure:
      return last.message.c_str();
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
      return "operation failed due to a previous error during capture";
    case cudaErrorIllegalState:
      return "the operation cannot be performed in the present state";
    case cudaErrorInvalidResourceHandle:
      return "invalid resource handle";
    case cudaErrorInvalidValue:
      return "invalid argument";
  }
  return "unknown error";
}

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated:
      return "cudaErrorStreamCaptureInvalidated";
    case cudaErrorIllegalState:
      return "cudaErrorIllegalState";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
  }
  return "cudaErrorUnknown";
}

cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : cudaErrorInvalidDevice;
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  *free = static_cast<size_t>(sysconf(_SC_AVPHYS_PAGES)) * page;
  *total = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * page;
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new Stream;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return not_captured(stream);
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new Event;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  *event = {true, now()};
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  if (!begin->recorded || !end->recorded) return cudaErrorInvalidResourceHandle;
  *milliseconds = static_cast<float>(end->milliseconds - begin->milliseconds);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, int) {
  if (stream->capturing != nullptr) return cudaErrorIllegalState;
  stream->capturing = new Graph;
  stream->broken = false;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (stream->capturing == nullptr) return cudaErrorIllegalState;
  *graph = std::exchange(stream->capturing, nullptr);
  if (!stream->broken) return cudaSuccess;
  delete std::exchange(*graph, nullptr);
  return cudaErrorStreamCaptureInvalidated;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t graph, unsigned long long) {
  *ready = new Graph(std::move(*graph));  // it is only destroyed from here on
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  const cudaError_t error = not_captured(stream);
  if (error != cudaSuccess) return error;
  for (const Launch& launch : graph->launches) run_now(launch);
  return cudaGetLastError();
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}
