// What Engine says of its heads.
#include "engine_impl.h"
#include "model/attention_measures.h"

namespace dmt {
namespace {

void require_same_shape(const ModelConfig& model, const ModelConfig& other) {
  DMT_CHECK(model.layers == other.layers && model.heads == other.heads && model.kv_heads == other.kv_heads &&
                model.head_dim == other.head_dim && model.vocab_size == other.vocab_size,
            "attention of other shapes cannot be compared: ", model.layers, " layers of ", model.heads,
            " heads, ", model.kv_heads, " for keys, of ", model.head_dim, " in a vocabulary of ",
            model.vocab_size, " against ", other.layers, ", ", other.heads, ", ", other.kv_heads, ", ",
            other.head_dim, " and ", other.vocab_size);
}

}  // namespace

std::vector<at::Tensor> Engine::Impl::queries_and_keys(const MicroBatch& batch) {
  const ComputeScope scope(*ops, config.threads);
  const ModelConfig& model = llama.config();
  const Batch checked_batch(batch, model, config, *ops);
  require_memory_for(checked_batch.tokens, false);
  const int64_t columns = (int64_t{model.heads} + model.kv_heads) * model.head_dim;
  const auto element = static_cast<int64_t>(c10::elementSize(llama.dtype()));
  const std::string fault = rows_fault(
      checked_batch.tokens, model.layers * checked_batch.tokens * columns * element, ops->free_memory());
  DMT_CHECK(fault.empty(), ops->describe(), ": ", fault);
  std::vector<at::Tensor> rows;
  guard([&] {
    llama.visit_blocks(checked_batch, [&](int32_t, const at::Tensor& qkv_TE) {
      rows.push_back(qkv_TE.narrow(1, 0, columns).clone(at::MemoryFormat::Contiguous));
    });
    // Another engine's stream reads them: a copy to the host waits for all that writes them.
    if (checked_batch.tokens > 0) rows.back().select(0, 0).cpu();
  });
  return rows;
}

void Engine::attention(const MicroBatch& batch, Engine& before, double* measures) {
  Impl& e = *impl_;
  const ModelConfig& model = e.llama.config();
  require_same_shape(model, before.impl_->llama.config());
  DMT_CHECK(e.ops->device() == before.impl_->ops->device(), "both engines must be on one device");
  std::vector<at::Tensor> before_TE;  // by layer; of all layers, since two passes cannot take turns
  if (&before != this) before_TE = before.impl_->queries_and_keys(batch);
  const ComputeScope scope(*e.ops, e.config.threads);
  const Batch checked_batch(batch, model, e.config, *e.ops);
  e.require_memory_for(checked_batch.tokens, false);
  const int64_t documents = batch.document_count, stride = documents * kAttentionMeasures;
  e.guard([&] {
    e.llama.visit_blocks(checked_batch, [&](int32_t layer, const at::Tensor& qkv_TE) {
      double* layer_measures = measures + int64_t{layer} * model.heads * stride;
      for (int64_t d = 0; d < documents; ++d) {
        const int64_t begin = batch.document_offsets[d], length = batch.document_offsets[d + 1] - begin;
        at::Tensor before_NE;
        if (!before_TE.empty()) before_NE = before_TE[static_cast<size_t>(layer)].narrow(0, begin, length);
        measure_attention(qkv_TE.narrow(0, begin, length), before_NE, model,
                          layer_measures + d * kAttentionMeasures, stride);
      }
    });
  });
}

void Engine::evaluate_without_head(const MicroBatch& batch, int32_t layer, int32_t head, double* loss_sums,
                                   int64_t* label_tokens) {
  const ModelConfig& model = impl_->llama.config();
  DMT_CHECK(layer >= 0 && layer < model.layers, "layer must be in 0 to ", model.layers - 1, ", got ", layer);
  DMT_CHECK(head >= 0 && head < model.heads, "head must be in 0 to ", model.heads - 1, ", got ", head);
  impl_->evaluate(batch, {layer, head}, loss_sums, label_tokens);
}

}  // namespace dmt
