#include "model/batch.h"

#include <algorithm>

#include "base/check.h"
#include "kernels/stochastic_rounding.h"

namespace dmt {
namespace {

/// A rank may have nothing to compute while others have.
bool is_nothing(const MicroBatch& batch, const EngineConfig& config) {
  return config.parallel.world_size > 1 && batch.token_count == 0 && batch.document_count == 0;
}

void check_offsets(const MicroBatch& batch, const ModelConfig& model, int32_t source_count) {
  DMT_CHECK(batch.token_count > 0 && batch.document_count > 0,
            "a micro-batch needs at least one token and one "
            "document, it has ",
            batch.token_count, " tokens in ", batch.document_count, " documents");
  DMT_CHECK(batch.token_ids != nullptr && batch.labels != nullptr && batch.document_offsets != nullptr &&
                batch.document_sources != nullptr,
            "a micro-batch needs all of its four arrays");
  DMT_CHECK(batch.document_offsets[0] == 0, "document offsets start at ", batch.document_offsets[0],
            ", they must start at 0");
  for (int32_t d = 0; d < batch.document_count; ++d) {
    const int64_t length = int64_t{batch.document_offsets[d + 1]} - batch.document_offsets[d];
    DMT_CHECK(length > 0, "document ", d, " of the micro-batch has ", length, " tokens, it needs at least 1");
    DMT_CHECK(length <= model.max_position_embeddings, "document ", d, " of the micro-batch has ", length,
              " tokens, the model's limit (max_position_embeddings) is ", model.max_position_embeddings);
    const int32_t source = batch.document_sources[d];
    DMT_CHECK(source >= 0 && source < source_count, "document ", d, " has source ", source,
              ", the engine was made for sources 0 to ", source_count - 1);
  }
  DMT_CHECK(batch.document_offsets[batch.document_count] == batch.token_count, "document offsets end at ",
            batch.document_offsets[batch.document_count], ", the micro-batch has ", batch.token_count,
            " tokens");
}

}  // namespace

void check_token(int32_t id, int64_t position, const ModelConfig& model) {
  DMT_CHECK(id >= 0 && id < model.vocab_size, "token id ", id, " at position ", position,
            " is outside the model's vocabulary of ", model.vocab_size);
}

Batch::Batch(const MicroBatch& micro_batch, const ModelConfig& model, const EngineConfig& config, Ops& ops,
             Pass pass)
    : tokens(micro_batch.token_count), source_label_tokens(static_cast<size_t>(config.source_count)) {
  host.pass = pass;
  host.token_ids = micro_batch.token_ids;
  host.attention = {model.heads,
                    model.kv_heads,
                    model.head_dim,
                    micro_batch.token_count,
                    micro_batch.document_count,
                    micro_batch.document_offsets};
  if (!is_nothing(micro_batch, config)) read(micro_batch, model, config);
  indices = ops.upload(host);
}

void Batch::read(const MicroBatch& micro_batch, const ModelConfig& model, const EngineConfig& config) {
  check_offsets(micro_batch, model, config.source_count);
  host.positions.resize(static_cast<size_t>(tokens));
  const bool drops = host.pass == Pass::kTraining && config.adapter.dropout > 0;
  for (int32_t d = 0; d < micro_batch.document_count; ++d) {
    const int32_t begin = micro_batch.document_offsets[d], end = micro_batch.document_offsets[d + 1];
    uint64_t document_key = 0;
    for (int32_t t = begin; drops && t < end; ++t)
      document_key = kernels::mix(document_key ^ static_cast<uint32_t>(micro_batch.token_ids[t]));
    host.longest_document = std::max<int64_t>(host.longest_document, end - begin);
    for (int32_t t = begin; t < end; ++t) {
      const int32_t id = micro_batch.token_ids[t], label = micro_batch.labels[t];
      check_token(id, t, model);
      host.positions[static_cast<size_t>(t)] = t - begin;
      if (drops) {
        const uint64_t key = kernels::mix(document_key + static_cast<uint64_t>(t - begin));
        host.dropout_keys.push_back(static_cast<int32_t>(static_cast<uint32_t>(key)));
      }
      if (label == kIgnoreIndex) continue;
      DMT_CHECK(label >= 0 && label < model.vocab_size, "label ", label, " at position ", t, " is neither ",
                kIgnoreIndex, " nor inside the model's vocabulary of ", model.vocab_size);
      host.label_rows.push_back(t);
      host.labels.push_back(label);
      if (drops) host.label_dropout_keys.push_back(host.dropout_keys.back());
      host.label_sources.push_back(micro_batch.document_sources[d]);
      ++source_label_tokens[static_cast<size_t>(micro_batch.document_sources[d])];
    }
  }
}

}  // namespace dmt
