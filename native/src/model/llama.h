#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "model/adapter.h"
#include "model/batch.h"
#include "model/decoder_block.h"
#include "model/low_rank.h"
#include "model/model_units.h"

namespace dmt {

/// Sums of negative log-likelihoods (nats) and label tokens, by source.
struct SourceLosses {
  explicit SourceLosses(int32_t source_count)
      : loss_sums(static_cast<size_t>(source_count)), label_tokens(static_cast<size_t>(source_count)) {}
  double total_loss() const;
  int64_t total_label_tokens() const;

  std::vector<double> loss_sums;
  std::vector<int64_t> label_tokens;
};

/// The same while they grow: the sums are where they are computed.
class LossAccumulator {
 public:
  LossAccumulator(int32_t source_count, at::Device device);
  void clear();
  /// On a GPU, waits for all that adds to the sums.
  SourceLosses read() const;

  at::Tensor sums;  ///< [source_count], double
  std::vector<int64_t> label_tokens;
};

/// A query head of a layer, both from 0; -1 for none.
struct AttentionHead {
  int32_t layer = -1, head = -1;
};

/// A LlamaForCausalLM as a list of units (see [Note: units]): embedding, decoder blocks, head. No autograd
/// graph: every unit has a forward and a backward of its own, so that what lives when is decided here.
///
/// [Note: prefetch] A pass goes through the units in a fixed order. It waits for a unit's weights, starts the
/// all-gather of the next one's, computes, and frees the unit:
///
///     forward    E  B0  B1 ... Bn  H       E: embedding, B: blocks, H: head
///     backward                     H  Bn ... B1  B0  E
///
/// So at most two units are gathered at a time, and communication runs beside computation. In the backward
/// pass each unit's gradients are on their way to their owners while the next unit is computed. The order of
/// collectives depends on the model alone, never on the tokens, since it must be the same on all ranks.
class LlamaModel {
 public:
  LlamaModel(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops);

  const ModelConfig& config() const { return model_; }
  std::vector<ShardedUnit>& units() { return units_.all(); }
  /// What gradients and optimizer states belong to: the adapter of the config, or the model's own units.
  std::vector<ShardedUnit>& trained() {
    return has_adapter(config_.adapter) ? adapters_.front()->all() : units();
  }
  /// By their numbers; that of the config is 0.
  std::vector<std::unique_ptr<AdapterUnits>>& adapters() { return adapters_; }
  /// @return its number
  int32_t add_adapter(const AdapterConfig& adapter);
  /// The adapter that passes are computed with from here on. @param adapter its number, -1 for none; 0 where
  /// there is none is none
  void use_adapter(int32_t adapter) {
    in_use_ = adapter < static_cast<int32_t>(adapters_.size()) ? adapter : -1;
  }
  const std::vector<ShardedUnit>& units() const { return units_.all(); }
  MemoryAccount memory_account() const;

  /// Bytes that are held for activations.
  int64_t activation_bytes() const { return arena_.held_bytes(); }
  /// Holds so many in one piece, between two passes.
  void reserve_activations(int64_t bytes) { arena_.reserve(bytes); }
  void release_activations() { arena_.release(); }

  /// Adds to the gradients those of the sum of losses times loss_scale, and to `losses` the unscaled sums.
  /// @param step that is under way, for dropout
  void forward_backward(const Batch& batch, double loss_scale, LossAccumulator& losses, int64_t step = 0);
  /// Adds the batch's loss sums. @param without a head whose output counts as 0
  void evaluate(const Batch& batch, LossAccumulator& losses, AttentionHead without = {});
  /// @param logits [tokens, vocab_size]
  void logits(const Batch& batch, float* logits);
  /// @param states [layers + 1, documents, hidden_size]: what Engine::hidden_states() describes
  void hidden_states(const Batch& batch, Pooling pooling, float* states);

  /// Called with each block's query, key and value rows [T, E], queries and keys after the rotary embedding;
  /// the rows are gone afterwards.
  using OnBlock = std::function<void(int32_t layer, const at::Tensor& qkv_TE)>;
  /// Forward only, for what on_block sees.
  void visit_blocks(const Batch& batch, const OnBlock& on_block);
  /// Called with the rows before the final norm, which are gone afterwards.
  using OnHidden = std::function<void(const at::Tensor& x_TC)>;
  /// Forward over prompts, which follow each other in the rows.
  void prefill(const std::vector<const std::vector<int32_t>*>& prompts, const OnBlock& on_block,
               const OnHidden& on_hidden);

  Ops& ops() { return ops_; }
  kernels::RotaryTable& rotary() { return rotary_; }
  at::ScalarType dtype() const { return dtype_; }
  /// Whether the blocks' matrices are.
  bool is_quantised() const { return config_.base_weights != BaseWeights::kComputeDtype; }
  /// Columns of logits, see dmt::vocabulary_rows().
  int64_t vocabulary_rows() const { return vocabulary_rows_; }

  /// Steps of a forward pass through the units, see [Note: prefetch]. What enter_...() gives is gathered, the
  /// next unit is on its way, and leave_...() frees it. A pass enters and leaves all units in their order.
  at::Tensor enter_embedding();
  void leave_embedding() { units_.embedding().reshard(); }
  DecoderBlockWeights enter_block(int32_t layer);
  void leave_block(int32_t layer) { units_.block(layer).reshard(); }
  void enter_head();
  void leave_head();
  /// The matrix that turns hidden states into logits: the head's own, or the embeddings it is tied to.
  at::Tensor unembedding_VC();
  at::Tensor final_norm_C();
  /// Views of an adapter's weights; empty where it has none there.
  BlockAdapter block_adapter(int32_t adapter, int32_t layer);
  EmbeddingAdapter embedding_adapter(int32_t adapter);
  LowRankGroup head_adapter(int32_t adapter);

 private:
  DecoderBlockWeights block_weights(int32_t layer);
  /// Where the gradients of a block go.
  DecoderBlockGradients block_gradients(int32_t layer);
  void reduce_gradients(ShardedUnit& unit, ShardedUnit* adapter);
  void embedding_backward(const at::Tensor& gradient_TC, const Batch& batch);
  /// Of what the head's adapter reads of label positions [first, first + L).
  InputDropout head_dropout(const Batch& batch, int64_t first, int64_t L) const;
  /// The adapter that is trained, or null.
  AdapterUnits* trained_adapter() { return has_adapter(config_.adapter) ? adapters_.front().get() : nullptr; }
  /// Holds the matrix that turns hidden states into logits: the head, or the embedding it is tied to.
  ShardedUnit& unembedding() { return model_.tie_word_embeddings ? units_.embedding() : units_.head(); }
  /// Where that matrix begins in its unit.
  int64_t unembedding_offset() const { return model_.tie_word_embeddings ? 0 : model_.hidden_size; }
  /// Matrix [vocabulary_rows, C] in a flat buffer.
  at::Tensor vocabulary_matrix(const at::Tensor& flat, int64_t offset) const;
  /// What a forward pass needs after a block.
  ShardedUnit& after_block(int32_t layer) {
    return layer + 1 < model_.layers ? units_.block(layer + 1) : unembedding();
  }

  at::Tensor embed(const Batch& batch);
  /// Called with the embeddings as layer 0, and with the output of each block as the layers from 1.
  using OnLayer = std::function<void(int32_t layer, const at::Tensor& x_TC)>;
  /// Output of the last block; keeps nothing.
  at::Tensor forward_only(const Batch& batch, const OnBlock& on_block, const OnLayer& on_layer = nullptr,
                          AttentionHead without = {});
  /// Loss at label positions, in chunks. @param gradient_TC receives the gradient of x where it is defined
  void head_loss(const at::Tensor& x_TC, at::Tensor gradient_TC, const Batch& batch, double loss_scale,
                 LossAccumulator& losses);
  /// Gradients of the unembedding, or of its adapter, and of the norm before it.
  void head_products(at::Tensor dnorm_LC, const at::Tensor& dlogits_LV, const at::Tensor& norm_LC,
                     const LowRankGroup& adapter, const InputDropout& dropout);
  void head_chunk(const at::Tensor& hidden_LC, at::Tensor dhidden_LC, const Batch& batch, int64_t first,
                  double loss_scale, LossAccumulator& losses);

  ModelConfig model_;
  EngineConfig config_;
  Ops& ops_;
  at::ScalarType dtype_;
  int64_t vocabulary_rows_;
  Arena arena_;
  kernels::RotaryTable rotary_;
  DecoderBlock decoder_block_;
  LowRankProducts low_rank_;
  RankGrid& grid_;
  ModelUnits units_;
  std::vector<std::unique_ptr<AdapterUnits>> adapters_;
  int32_t in_use_ = -1;  // of adapters_
  int64_t step_ = 0;     // of the pass under way
};

}  // namespace dmt
