// Embedding and loss on a GPU: rows that are looked up, and what is added to them; cross-entropy and its
// sums.
#include <numeric>

#include "ops/gpu_call.h"
#include "ops/gpu_ops.h"
#include "ops/index_upload.h"

namespace dmt {

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

void GpuOps::gather_rows(at::Tensor out, const at::Tensor& table, const at::Tensor& rows) {
  const TimedWork timed(Work::kElementWise);
  const DmtGatherRows op = {.out = data(out),
                            .table = data(table),
                            .rows = data_as<int32_t>(rows),
                            .count = out.size(0),
                            .columns = out.size(1),
                            .dtype = kernel_dtype(table)};
  DMT_CALL(gather_rows, op);
}

void GpuOps::gather_columns(at::Tensor out, const at::Tensor& table, const at::Tensor& columns) {
  const TimedWork timed(Work::kElementWise);
  at::index_select_out(out, table, 1, columns);
}

void GpuOps::add_runs(const at::Tensor& table, const at::Tensor& x, const Runs& runs) {
  const DmtEmbeddingBackward op = {.dtable = data(table),
                                   .dout = data(x),
                                   .order = data_as<int32_t>(runs.order),
                                   .begins = data_as<int32_t>(runs.begins),
                                   .tokens = data_as<int32_t>(runs.tokens),
                                   .runs = runs.tokens.numel(),
                                   .columns = x.size(1),
                                   .dtable_dtype = kernel_dtype(table),
                                   .dtype = kernel_dtype(x)};
  DMT_CALL(embedding_backward, op);
}

void GpuOps::add_to_rows(at::Tensor table, const at::Tensor& x, const at::Tensor& rows) {
  const TimedWork timed(Work::kElementWise);
  const at::Tensor& numbers = ascending(rows.numel());  // every row is a run of its own
  add_runs(table, x, {.order = numbers, .begins = numbers, .tokens = rows});
}

void GpuOps::embedding_backward(at::Tensor dtable, const at::Tensor& dout, const BatchIndices& batch) {
  const TimedWork timed(Work::kElementWise);
  add_runs(dtable, dout,
           {.order = batch.run_order_T, .begins = batch.run_begins, .tokens = batch.run_tokens});
}

void GpuOps::cross_entropy(const at::Tensor& losses, const at::Tensor& logits, const at::Tensor& labels,
                           float scale, bool forward_only) {
  const TimedWork timed(Work::kLoss);
  const DmtCrossEntropy op = {.losses = data_as<float>(losses),
                              .logits = data(logits),
                              .labels = data_as<int32_t>(labels),
                              .rows = logits.size(0),
                              .vocabulary = logits.size(1),
                              .scale = scale,
                              .dtype = kernel_dtype(logits),
                              .forward_only = forward_only ? 1 : 0};
  DMT_CALL(cross_entropy, op);
}

void GpuOps::cross_entropy_forward(at::Tensor losses, const at::Tensor& logits, const at::Tensor& labels) {
  cross_entropy(losses, logits, labels, 0.0f, /*forward_only=*/true);
}

void GpuOps::cross_entropy_forward_backward(at::Tensor losses, at::Tensor logits, const at::Tensor& labels,
                                            float scale) {
  cross_entropy(losses, logits, labels, scale, /*forward_only=*/false);
}

void GpuOps::add_losses(at::Tensor sums, const at::Tensor& losses, const at::Tensor& sources) {
  const TimedWork timed(Work::kLoss);
  const at::Tensor counts = at::zeros(sums.sizes(), sums.options().dtype(at::kLong));  // known on the host
  const DmtSourceSums op = {.loss_sums = data_as<double>(sums),
                            .label_tokens = data_as<int64_t>(counts),
                            .losses = data_as<float>(losses),
                            .sources = data_as<int32_t>(sources),
                            .rows = losses.numel(),
                            .source_count = static_cast<int32_t>(sums.numel())};
  DMT_CALL(source_sums, op);
}

}  // namespace dmt
