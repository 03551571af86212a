// Streams, memory and graphs of a GPU; gpu_layers.cpp, gpu_loss.cpp, gpu_flat.cpp and gpu_decoding.cpp hold
// the operations.
#include "ops/gpu_ops.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/StreamGuard.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "cuda/embedding.h"
#include "ops/event_clock.h"
#include "ops/index_upload.h"

namespace dmt {
namespace {

/// Streams of engines that are gone. libtorch keeps memory and workspaces for each stream that it has seen,
/// so streams are used again and never destroyed.
class IdleStreams {
 public:
  static IdleStreams& of_process() {
    static IdleStreams streams;
    return streams;
  }
  /// Null if there is none.
  DmtStream take(int32_t device) {
    const std::lock_guard lock(mutex_);
    std::vector<DmtStream>& idle = idle_[device];
    if (idle.empty()) return nullptr;
    DmtStream stream = idle.back();
    idle.pop_back();
    return stream;
  }
  void give_back(int32_t device, DmtStream stream) {
    const std::lock_guard lock(mutex_);
    idle_[device].push_back(stream);
  }

 private:
  std::mutex mutex_;
  std::map<int32_t, std::vector<DmtStream>> idle_;
};

/// Graphs of this process that may be launched again.
std::atomic<int64_t>& live_graphs() {
  static std::atomic<int64_t> graphs = 0;
  return graphs;
}

c10::DeviceAllocator& allocator_of(at::Device device) {
  return *c10::getDeviceAllocator(device.type());
}

/// What libtorch holds of a device for whoever asks next.
int64_t cached_bytes(at::Device device) {
  constexpr auto kAll = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const auto stats = allocator_of(device).getDeviceStats(device.index());
  return stats.reserved_bytes[kAll].current - stats.allocated_bytes[kAll].current;
}

/// libtorch's number of a stream that it did not make is the stream's address (c10/cuda/CUDAStream.cpp).
c10::Stream stream_of(at::Device device, DmtStream stream) {
  return c10::Stream(c10::Stream::UNSAFE, device, reinterpret_cast<c10::StreamId>(stream));
}

}  // namespace

GpuOps::GpuOps(const AttentionDevice& device, const cuda::Kernels& kernels, std::string name)
    : device_(device), kernels_(kernels), name_(std::move(name)) {
  if (!device_.device.is_cuda()) return;
  check(kernels_.set_device(device_.device.index()), "set_device");
  stream_ = current_ = take_stream();
  beside_ = take_stream();
  check(kernels_.event_create(&asked_), "event_create");
  check(kernels_.event_create(&besides_done_), "event_create");
}

GpuOps::~GpuOps() {
  if (stream_ == nullptr) return;
  for (DmtStream stream : {beside_, stream_}) {
    kernels_.synchronize(stream);
    IdleStreams::of_process().give_back(device_.device.index(), stream);
  }
  kernels_.event_destroy(asked_);
  kernels_.event_destroy(besides_done_);
}

DmtStream GpuOps::take_stream() const {
  DmtStream stream = IdleStreams::of_process().take(device_.device.index());
  if (stream == nullptr) check(kernels_.stream_create(&stream), "stream_create");
  return stream;
}

std::optional<c10::Stream> GpuOps::stream() const {
  if (stream_ == nullptr) return std::nullopt;
  check(kernels_.set_device(device_.device.index()), "set_device");
  return stream_of(device_.device, stream_);
}

std::function<void()> GpuOps::beside(std::function<void()> work) {
  if (stream_ == nullptr) return Ops::beside(std::move(work));
  check(kernels_.event_record(asked_, stream_), "event_record");
  check(kernels_.stream_wait(beside_, asked_), "stream_wait");
  {
    const ClockScope none(nullptr);  // a clock's events are on the other stream
    const c10::StreamGuard guard(stream_of(device_.device, beside_));
    current_ = beside_;
    try {
      work();
    } catch (...) {
      current_ = stream_;
      throw;
    }
    current_ = stream_;
  }
  check(kernels_.event_record(besides_done_, beside_), "event_record");
  return [this] {
    const TimedWork timed(Work::kCommunication);
    check(kernels_.stream_wait(stream_, besides_done_), "stream_wait");
  };
}

FreeMemory GpuOps::free_memory() const {
  if (stream_ == nullptr) return {};
  release_unused();
  int64_t free = 0, total = 0;
  check(kernels_.memory_info(&free, &total), "memory_info");
  return {free + cached_bytes(device_.device), "the device"};
}

void GpuOps::release_unused() const {
  // What engines that are gone have left with libtorch is free, too. See [Note: graphs and memory].
  if (stream_ != nullptr && live_graphs() == 0) allocator_of(device_.device).emptyCache();
}

int64_t GpuOps::memory_given_back() const {
  if (stream_ == nullptr) return 0;
  return allocator_of(device_.device).getDeviceStats(device_.device.index()).num_device_free;
}

std::unique_ptr<WorkClock> GpuOps::make_clock() const {
  if (stream_ == nullptr) return make_host_clock();
  return std::make_unique<EventClock>(kernels_, stream_);
}

void GpuOps::synchronize() const {
  if (stream_ != nullptr) check(kernels_.synchronize(stream_), "synchronize");
}

bool GpuOps::has_graphs() const {
  const char* setting = std::getenv("DMT_CUDA_GRAPHS");
  return kernels_.graph_begin != nullptr && (setting == nullptr || std::string_view(setting) != "off");
}

DmtGraph GpuOps::capture(const std::function<void()>& launch) {
  check(kernels_.graph_begin(stream_), "graph_begin");
  DmtGraph graph = nullptr;
  try {
    launch();
  } catch (...) {
    kernels_.graph_end(stream_, &graph);  // the stream must not stay as it is
    if (graph != nullptr) kernels_.graph_destroy(graph);
    throw;
  }
  check(kernels_.graph_end(stream_, &graph), "graph_end (DMT_CUDA_GRAPHS=off decodes without graphs)");
  ++live_graphs();
  return graph;
}

void GpuOps::launch(DmtGraph graph) {
  check(kernels_.graph_launch(graph, stream_), "graph_launch");
}

void GpuOps::destroy(DmtGraph graph) noexcept {
  if (graph == nullptr) return;
  kernels_.graph_destroy(graph);
  --live_graphs();
}

std::string GpuOps::describe() const {
  return name_;
}

void GpuOps::check(int32_t result, const char* op) const {
  if (result != DMT_CUDA_OK) fail(name_, ": ", op, ": ", kernels_.last_error());
}

BatchIndices GpuOps::upload(const HostIndices& host) {
  BatchIndices batch;
  batch.attention = host.attention;
  batch.longest_document = host.longest_document;
  batch.repeats = attention_shapes_.repeats(host);
  const cuda::EmbeddingRuns runs(host.token_ids, host.attention.tokens);
  IndexUpload upload;
  upload.add(batch.token_ids_T, host.token_ids, host.attention.tokens);
  upload.add(batch.positions_T, host.positions);
  const bool has_documents = host.attention.documents > 0;
  upload.add(batch.document_offsets, host.attention.document_offsets,
             has_documents ? host.attention.documents + 1 : 0);
  upload.add(batch.label_rows_L, host.label_rows);
  upload.add(batch.labels_L, host.labels);
  upload.add(batch.label_sources_L, host.label_sources);
  upload.add(batch.dropout_keys_T, host.dropout_keys);
  upload.add(batch.label_dropout_keys_L, host.label_dropout_keys);
  upload.add(batch.run_order_T, runs.order);
  upload.add(batch.run_begins, runs.begins);
  upload.add(batch.run_tokens, runs.tokens);
  upload.send(device_.device);
  return batch;
}

}  // namespace dmt
