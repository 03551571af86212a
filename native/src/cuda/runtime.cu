#include <string>

#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

cudaEvent_t event_of(DmtEvent event) {
  return static_cast<cudaEvent_t>(event);
}
cudaGraphExec_t graph_of(DmtGraph graph) {
  return static_cast<cudaGraphExec_t>(graph);
}

/// Ends the capture, which leaves the stream as it was before, whatever comes of it.
cudaError_t end_capture(cudaStream_t stream, DmtGraph* graph) {
  cudaGraph_t captured = nullptr;
  cudaError_t error = cudaStreamEndCapture(stream, &captured);
  if (error != cudaSuccess) return error;
  cudaGraphExec_t ready = nullptr;
  error = cudaGraphInstantiate(&ready, captured, 0);
  cudaGraphDestroy(captured);
  if (error == cudaSuccess) *graph = ready;
  return error;
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_set_device(int32_t device) {
  return outcome("set_device", cudaSetDevice(device));
}

int32_t dmt_cuda_memory_info(int64_t* free_bytes, int64_t* total_bytes) {
  Arguments arguments("memory_info");
  arguments.pointer("free_bytes", free_bytes).pointer("total_bytes", total_bytes);
  if (!arguments.ok()) return arguments.status();
  size_t free = 0, total = 0;
  const int32_t status = outcome("memory_info", cudaMemGetInfo(&free, &total));
  *free_bytes = static_cast<int64_t>(free);
  *total_bytes = static_cast<int64_t>(total);
  return status;
}

int32_t dmt_cuda_stream_create(DmtStream* stream) {
  Arguments arguments("stream_create");
  arguments.pointer("stream", stream);
  if (!arguments.ok()) return arguments.status();
  cudaStream_t made = nullptr;
  const int32_t status = outcome("stream_create", cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking));
  *stream = made;
  return status;
}

int32_t dmt_cuda_stream_destroy(DmtStream stream) {
  if (stream == nullptr) return DMT_CUDA_OK;
  return outcome("stream_destroy", cudaStreamDestroy(stream_of(stream)));
}

int32_t dmt_cuda_synchronize(DmtStream stream) {
  return outcome("synchronize", cudaStreamSynchronize(stream_of(stream)));
}

int32_t dmt_cuda_event_create(DmtEvent* event) {
  Arguments arguments("event_create");
  arguments.pointer("event", event);
  if (!arguments.ok()) return arguments.status();
  cudaEvent_t made = nullptr;
  const int32_t status = outcome("event_create", cudaEventCreate(&made));
  *event = made;
  return status;
}

int32_t dmt_cuda_event_destroy(DmtEvent event) {
  if (event == nullptr) return DMT_CUDA_OK;
  return outcome("event_destroy", cudaEventDestroy(event_of(event)));
}

int32_t dmt_cuda_event_record(DmtEvent event, DmtStream stream) {
  Arguments arguments("event_record");
  arguments.pointer("event", event);
  if (!arguments.ok()) return arguments.status();
  return outcome("event_record", cudaEventRecord(event_of(event), stream_of(stream)));
}

int32_t dmt_cuda_stream_wait(DmtStream stream, DmtEvent event) {
  Arguments arguments("stream_wait");
  arguments.pointer("event", event);
  if (!arguments.ok()) return arguments.status();
  return outcome("stream_wait", cudaStreamWaitEvent(stream_of(stream), event_of(event), 0));
}

int32_t dmt_cuda_event_elapsed_ms(float* milliseconds, DmtEvent begin, DmtEvent end) {
  Arguments arguments("event_elapsed_ms");
  arguments.pointer("milliseconds", milliseconds).pointer("begin", begin).pointer("end", end);
  if (!arguments.ok()) return arguments.status();
  cudaError_t error = cudaEventSynchronize(event_of(end));
  if (error == cudaSuccess) error = cudaEventElapsedTime(milliseconds, event_of(begin), event_of(end));
  return outcome("event_elapsed_ms", error);
}

int32_t dmt_cuda_graph_begin(DmtStream stream) {
  Arguments arguments("graph_begin");
  arguments.pointer("stream", stream);
  if (!arguments.ok()) return arguments.status();
  forget_last_error();  // what is there at the end was said during the capture
  // Thread-local: other threads may allocate and wait meanwhile, as a collective's do.
  return outcome("graph_begin", cudaStreamBeginCapture(stream_of(stream), cudaStreamCaptureModeThreadLocal));
}

int32_t dmt_cuda_graph_end(DmtStream stream, DmtGraph* graph) {
  const std::string said = dmt_cuda_last_error();
  Arguments arguments("graph_end");
  arguments.pointer("stream", stream).pointer("graph", graph);
  if (!arguments.ok()) return arguments.status();
  *graph = nullptr;
  const std::string remark = said.empty() ? "" : "; before it " + said;
  return outcome("graph_end", end_capture(stream_of(stream), graph), remark.c_str());
}

int32_t dmt_cuda_graph_launch(DmtGraph graph, DmtStream stream) {
  Arguments arguments("graph_launch");
  arguments.pointer("graph", graph);
  if (!arguments.ok()) return arguments.status();
  return outcome("graph_launch", cudaGraphLaunch(graph_of(graph), stream_of(stream)));
}

int32_t dmt_cuda_graph_destroy(DmtGraph graph) {
  if (graph == nullptr) return DMT_CUDA_OK;
  return outcome("graph_destroy", cudaGraphExecDestroy(graph_of(graph)));
}
