#include "ops/gpu_ops.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "cuda/embedding.h"
#include "ops/event_clock.h"

namespace dmt {
namespace {

void* data(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.mutable_data_ptr() : nullptr;
}

template <typename T>
T* data_as(const at::Tensor& tensor) {
  return static_cast<T*>(data(tensor));
}

/// Index arrays that travel to the device as one.
class IndexUpload {
 public:
  void add(at::Tensor& place, const int32_t* values, int64_t count) {
    parts_.push_back({&place, static_cast<int64_t>(all_.size()), count});
    all_.insert(all_.end(), values, values + count);
  }
  void add(at::Tensor& place, const std::vector<int32_t>& values) {
    add(place, values.data(), static_cast<int64_t>(values.size()));
  }
  void send(at::Device device) {
    const auto count = static_cast<int64_t>(all_.size());
    at::Tensor host = at::empty({count}, at::TensorOptions(at::kInt).pinned_memory(device.is_cuda()));
    std::copy(all_.begin(), all_.end(), host.mutable_data_ptr<int32_t>());
    // From pinned memory the copy does not stop the host; the allocator keeps the memory until it is done.
    const at::Tensor sent = host.to(device, /*non_blocking=*/true);
    for (const Part& part : parts_) *part.place = sent.narrow(0, part.first, part.count);
  }

 private:
  struct Part {
    at::Tensor* place;
    int64_t first, count;
  };
  std::vector<int32_t> all_;
  std::vector<Part> parts_;
};

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

}  // namespace

int32_t kernel_dtype(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat ? DMT_FLOAT32 : DMT_BFLOAT16;
}

GpuOps::GpuOps(const AttentionDevice& device, const cuda::Kernels& kernels, std::string name)
    : device_(device), kernels_(kernels), name_(std::move(name)) {
  if (!device_.device.is_cuda()) return;
  check(kernels_.set_device(device_.device.index()), "set_device");
  stream_ = IdleStreams::of_process().take(device_.device.index());
  if (stream_ == nullptr) check(kernels_.stream_create(&stream_), "stream_create");
}

GpuOps::~GpuOps() {
  if (stream_ == nullptr) return;
  kernels_.synchronize(stream_);
  IdleStreams::of_process().give_back(device_.device.index(), stream_);
}

std::optional<c10::Stream> GpuOps::stream() const {
  if (stream_ == nullptr) return std::nullopt;
  check(kernels_.set_device(device_.device.index()), "set_device");
  // libtorch's number of a stream that it did not make is the stream's address (c10/cuda/CUDAStream.cpp).
  return c10::Stream(c10::Stream::UNSAFE, device_.device, reinterpret_cast<c10::StreamId>(stream_));
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
  return stream_ == nullptr ? 0 : allocator_of(device_.device).getDeviceStats(device_.device.index()).num_device_free;
}

std::unique_ptr<WorkClock> GpuOps::make_clock() const {
  if (stream_ == nullptr) return make_host_clock();
  return std::make_unique<EventClock>(kernels_, stream_);
}

void GpuOps::synchronize() const {
  if (stream_ != nullptr) check(kernels_.synchronize(stream_), "synchronize");
}

void GpuOps::cache_write(const DmtCacheWrite& op) const {
  check(kernels_.cache_write(&op, stream_), "cache_write");
}

void GpuOps::cache_fill(const DmtCacheFill& op) const {
  check(kernels_.cache_fill(&op, stream_), "cache_fill");
}

void GpuOps::decode_attention(const DmtDecodeAttention& op) const {
  check(kernels_.decode_attention(&op, stream_), "decode_attention");
}

void GpuOps::argmax(const DmtArgmax& op) const {
  check(kernels_.argmax(&op, stream_), "argmax");
}

bool GpuOps::has_graphs() const {
  const char* setting = std::getenv("DMT_CUDA_GRAPHS");
  return kernels_.graph_begin != nullptr && (setting == nullptr || std::string_view(setting) != "off");
}

DmtGraph GpuOps::capture(const std::function<void()>& launch) const {
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

void GpuOps::launch(DmtGraph graph) const {
  check(kernels_.graph_launch(graph, stream_), "graph_launch");
}

void GpuOps::destroy(DmtGraph graph) const noexcept {
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

// Calls an op by its name.
#define DMT_CALL(op_name, op) check(kernels_.op_name(&(op), stream_), #op_name)

at::Tensor GpuOps::empty(at::IntArrayRef sizes, at::ScalarType dtype) const {
  return at::empty(sizes, at::TensorOptions(dtype).device(device_.device));
}

const at::Tensor& GpuOps::ascending(int64_t count) {
  if (!ascending_.defined() || ascending_.numel() <= count) {
    std::vector<int32_t> numbers(static_cast<size_t>(count + 1));
    std::iota(numbers.begin(), numbers.end(), 0);
    IndexUpload upload;
    upload.add(ascending_, numbers);
    upload.send(device_.device);
  }
  return ascending_;
}

BatchIndices GpuOps::upload(const HostIndices& host) {
  BatchIndices batch;
  batch.attention = host.attention;
  batch.longest_document = host.longest_document;
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
  upload.add(batch.run_order_T, runs.order);
  upload.add(batch.run_begins, runs.begins);
  upload.add(batch.run_tokens, runs.tokens);
  upload.send(device_.device);
  return batch;
}

void GpuOps::linear(at::Tensor out, const at::Tensor& x, const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::mm_out(out, x, weight.t());
}

void GpuOps::linear_add(at::Tensor out, const at::Tensor& residual, const at::Tensor& x,
                        const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::addmm_out(out, residual, x, weight.t());
}

void GpuOps::linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::mm_out(dx, dout, weight);
}

void GpuOps::linear_backward_weight(at::Tensor gradient, const at::Tensor& dout, const at::Tensor& x,
                                    Arena& arena) {
  const TimedWork timed(Work::kProducts);
  if (gradient.scalar_type() == x.scalar_type()) {
    at::addmm_out(gradient, gradient, dout.t(), x);
  } else if (gradient.is_cuda()) {
    at::addmm_out(gradient, gradient, dout.t(), x, at::kFloat);
  } else {
    // Products of two types are a GPU's.
    Arena::Scope scope(arena);
    at::Tensor share = arena.allocate(gradient.sizes(), x.scalar_type());
    at::mm_out(share, dout.t(), x);
    gradient.add_(share);
  }
}

void GpuOps::rms_norm_forward(at::Tensor out, at::Tensor rstd, const at::Tensor& x, const at::Tensor& weight,
                              double eps) {
  const TimedWork timed(Work::kElementWise);
  const DmtRmsNormForward op = {
      data(out), data_as<float>(rstd),    nullptr,        data(x), nullptr, data(weight), x.size(0),
      x.size(1), static_cast<float>(eps), kernel_dtype(x)};
  DMT_CALL(rms_norm_forward, op);
}

void GpuOps::linear_add_norm(const LinearAddNorm& add, Arena& arena) {
  Arena::Scope scope(arena);
  at::Tensor delta = arena.allocate(add.sum.sizes(), add.sum.scalar_type());
  {
    const TimedWork timed(Work::kProducts);
    at::mm_out(delta, add.x, add.weight.t());
  }
  const TimedWork timed(Work::kElementWise);
  const DmtRmsNormForward op = {data(add.out),
                                data_as<float>(add.rstd),
                                data(add.sum),
                                data(add.residual),
                                data(delta),
                                data(add.norm_weight),
                                add.sum.size(0),
                                add.sum.size(1),
                                static_cast<float>(add.eps),
                                kernel_dtype(add.sum)};
  DMT_CALL(rms_norm_forward, op);
}

void GpuOps::rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                               const at::Tensor& rstd, const at::Tensor& weight, Arena& arena) {
  const TimedWork timed(Work::kElementWise);
  Arena::Scope scope(arena);
  const int64_t rows = x.size(0), columns = x.size(1);
  const at::Tensor workspace = arena.allocate({kernels_.rms_norm_workspace(rows, columns)}, at::kFloat);
  const DmtRmsNormBackward op = {data(dx),
                                 data(dweight),
                                 data(dout),
                                 data(x),
                                 data_as<float>(rstd),
                                 data(weight),
                                 data_as<float>(workspace),
                                 rows,
                                 columns,
                                 kernel_dtype(x),
                                 kernel_dtype(dweight)};
  DMT_CALL(rms_norm_backward, op);
}

void GpuOps::upload_rotary(const kernels::RotaryTable& table) {
  if (cos_PD_.defined() && cos_PD_.size(0) >= table.positions()) return;
  const auto send = [&](const float* values) {
    return at::from_blob(const_cast<float*>(values), {table.positions(), table.angles()}, at::kFloat)
        .clone()
        .to(device_.device);
  };
  earlier_tables_.insert(earlier_tables_.end(), {cos_PD_, sin_PD_});
  cos_PD_ = send(table.cos_PD());
  sin_PD_ = send(table.sin_PD());
}

void GpuOps::rotary(at::Tensor qkv, const BatchIndices& batch, const kernels::RotaryTable& table,
                    kernels::RotaryDirection direction) {
  const kernels::AttentionShape& shape = batch.attention;
  upload_rotary(table);
  const TimedWork timed(Work::kElementWise);
  const DmtRotary op = {data(qkv),
                        data_as<int32_t>(batch.positions_T),
                        data_as<float>(cos_PD_),
                        data_as<float>(sin_PD_),
                        shape.tokens,
                        shape.row(),
                        static_cast<int32_t>(shape.heads + shape.kv_heads),
                        static_cast<int32_t>(shape.head_dim),
                        direction == kernels::RotaryDirection::kForward ? 1.0f : -1.0f,
                        kernel_dtype(qkv)};
  DMT_CALL(rotary, op);
}

void GpuOps::attention_forward(at::Tensor out, at::Tensor log_sum_exp, const at::Tensor& qkv,
                               const BatchIndices& batch) {
  const TimedWork timed(Work::kAttention);
  if (batch.attention.tokens == 0) return;
  dmt::attention_forward(attention_kind(device_, qkv, batch), out, log_sum_exp, qkv, batch);
}

void GpuOps::attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& out,
                                const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                                const BatchIndices& batch) {
  const TimedWork timed(Work::kAttention);
  if (batch.attention.tokens == 0) return;
  dmt::attention_backward(attention_kind(device_, qkv, batch), dqkv, dout, out, log_sum_exp, qkv, batch);
}

void GpuOps::swiglu_forward(at::Tensor out, const at::Tensor& gate_up) {
  const TimedWork timed(Work::kElementWise);
  const DmtSwiglu op = {data(out), data(gate_up), out.size(0), out.size(1), kernel_dtype(out)};
  DMT_CALL(swiglu_forward, op);
}

void GpuOps::swiglu_backward(at::Tensor gate_up, const at::Tensor& dout) {
  const TimedWork timed(Work::kElementWise);
  const DmtSwiglu op = {data(dout), data(gate_up), dout.size(0), dout.size(1), kernel_dtype(dout)};
  DMT_CALL(swiglu_backward, op);
}

void GpuOps::gather_rows(at::Tensor out, const at::Tensor& table, const at::Tensor& rows) {
  const TimedWork timed(Work::kElementWise);
  const DmtGatherRows op = {data(out),   data(table), data_as<int32_t>(rows),
                            out.size(0), out.size(1), kernel_dtype(table)};
  DMT_CALL(gather_rows, op);
}

void GpuOps::add_runs(const at::Tensor& table, const at::Tensor& x, const at::Tensor& order,
                      const at::Tensor& begins, const at::Tensor& tokens) {
  const DmtEmbeddingBackward op = {
      data(table),    data(x),   data_as<int32_t>(order), data_as<int32_t>(begins), data_as<int32_t>(tokens),
      tokens.numel(), x.size(1), kernel_dtype(table),     kernel_dtype(x)};
  DMT_CALL(embedding_backward, op);
}

void GpuOps::add_to_rows(at::Tensor table, const at::Tensor& x, const at::Tensor& rows) {
  const TimedWork timed(Work::kElementWise);
  const at::Tensor& numbers = ascending(rows.numel());  // every row is a run of its own
  add_runs(table, x, numbers, numbers, rows);
}

void GpuOps::embedding_backward(at::Tensor dtable, const at::Tensor& dout, const BatchIndices& batch) {
  const TimedWork timed(Work::kElementWise);
  add_runs(dtable, dout, batch.run_order_T, batch.run_begins, batch.run_tokens);
}

void GpuOps::cross_entropy(const at::Tensor& losses, const at::Tensor& logits, const at::Tensor& labels,
                           float scale, bool forward_only) {
  const DmtCrossEntropy op = {data_as<float>(losses), data(logits),        data_as<int32_t>(labels),
                              logits.size(0),         logits.size(1),      scale,
                              kernel_dtype(logits),   forward_only ? 1 : 0};
  DMT_CALL(cross_entropy, op);
}

void GpuOps::cross_entropy_forward(at::Tensor losses, const at::Tensor& logits, const at::Tensor& labels) {
  const TimedWork timed(Work::kLoss);
  cross_entropy(losses, logits, labels, 0.0f, /*forward_only=*/true);
}

void GpuOps::cross_entropy_forward_backward(at::Tensor losses, at::Tensor logits, const at::Tensor& labels,
                                            float scale) {
  const TimedWork timed(Work::kLoss);
  cross_entropy(losses, logits, labels, scale, /*forward_only=*/false);
}

void GpuOps::add_losses(at::Tensor sums, const at::Tensor& losses, const at::Tensor& sources) {
  const TimedWork timed(Work::kLoss);
  const at::Tensor counts = at::zeros(sums.sizes(), sums.options().dtype(at::kLong));  // known on the host
  const DmtSourceSums op = {data_as<double>(sums),  data_as<int64_t>(counts),
                            data_as<float>(losses), data_as<int32_t>(sources),
                            losses.numel(),         static_cast<int32_t>(sums.numel())};
  DMT_CALL(source_sums, op);
}

void GpuOps::cast(at::Tensor out, const at::Tensor& x) {
  const TimedWork timed(Work::kElementWise);
  const DmtCast op = {data(out), data(x), x.numel(), kernel_dtype(out), kernel_dtype(x)};
  DMT_CALL(cast, op);
}

void GpuOps::add_parts(at::Tensor sum, const at::Tensor& parts) {
  const TimedWork timed(Work::kElementWise);
  const int64_t n = sum.numel();
  if (n == 0) return;
  const DmtAddParts op = {data(sum), data(parts),       parts.numel() / n,
                          n,         kernel_dtype(sum), kernel_dtype(parts)};
  DMT_CALL(add_parts, op);
}

double GpuOps::sum_of_squares(const std::vector<at::Tensor>& tensors) {
  const TimedWork timed(Work::kOptimizer);
  const auto count = static_cast<int64_t>(tensors.size());
  const at::Tensor sums = empty({count}, at::kDouble), workspace = empty({DMT_SUM_WORKSPACE}, at::kDouble);
  sums.zero_();
  for (int64_t i = 0; i < count; ++i) {
    const at::Tensor& tensor = tensors[static_cast<size_t>(i)];
    const DmtSumOfSquares op = {data_as<double>(sums) + i, data_as<double>(workspace), data(tensor),
                                tensor.numel(), kernel_dtype(tensor)};
    DMT_CALL(sum_of_squares, op);
  }
  const at::Tensor host = sums.cpu();
  const auto* parts = host.const_data_ptr<double>();
  return std::accumulate(parts, parts + count, 0.0);
}

void GpuOps::adamw(const OptimizerShard& shard, const kernels::AdamWStep& step, uint64_t key) {
  const TimedWork timed(Work::kOptimizer);
  const bool exact = kernel_dtype(shard.weights) == DMT_FLOAT32;
  DmtAdamW op = {};
  op.master = exact ? data_as<float>(shard.weights) : nullptr;
  op.weights = exact ? nullptr : data(shard.weights);
  op.remainder = data_as<uint16_t>(shard.remainder);
  op.first_moment = data(shard.first_moment);
  op.second_moment = data(shard.second_moment);
  op.gradient = data(shard.gradient);
  op.count = shard.weights.numel();
  op.first_index = shard.begin;
  op.random_key = key;
  op.learning_rate = step.learning_rate;
  op.beta1 = step.beta1;
  op.beta2 = step.beta2;
  op.epsilon = step.epsilon;
  op.weight_decay = step.weight_decay;
  op.one_minus_beta1 = step.one_minus_beta1;
  op.one_minus_beta2 = step.one_minus_beta2;
  op.bias_correction1 = step.bias_correction1;
  op.bias_correction2 = step.bias_correction2;
  op.gradient_scale = step.gradient_scale;
  op.master_kind = exact                     ? DMT_MASTER_FLOAT32
                   : op.remainder != nullptr ? DMT_MASTER_SPLIT
                                             : DMT_MASTER_STOCHASTIC;
  op.moment_dtype = kernel_dtype(shard.first_moment);
  op.gradient_dtype = kernel_dtype(shard.gradient);
  DMT_CALL(adamw, op);
}

}  // namespace dmt
