#include <vector>

#include "base/check.h"
#include "dmt/engine.h"
#include "engine_impl.h"
#include "generate/decoder.h"
#include "generate/sampler.h"

namespace dmt {
namespace {

struct Request {
  bool open = false;
  SamplingConfig sampling;
  std::unique_ptr<KeyValueCache> cache;  // kept for the slot's next request
  std::vector<float> logits;             // [vocab_size] for the next token
  int32_t pending = -1;                  // token that was chosen and has not been fed yet
  int64_t generated = 0;
};

}  // namespace

struct Generation::Impl {
  Impl(Engine::Impl& engine_impl, int32_t max_tokens)
      : engine(engine_impl), decoder(engine_impl.llama), capacity(max_tokens) {}

  /// Feeds the tokens that the last step chose, all in one pass.
  void feed_pending();
  /// Whether weights are gathered in each pass, so that all ranks must make the same calls.
  bool collective() const {
    return engine.grid.shards() > 1 && engine.config.parallel.sharding != Sharding::kGradOp;
  }

  Engine::Impl& engine;
  Decoder decoder;
  int64_t capacity;
  std::vector<Request> requests;
};

void Generation::Impl::feed_pending() {
  std::vector<int32_t> tokens;
  std::vector<KeyValueCache*> caches;
  std::vector<Request*> fed;
  for (Request& request : requests) {
    if (!request.open || request.pending < 0) continue;
    DMT_CHECK(request.cache->length() < capacity, "slot ", &request - requests.data(),
              " has used all of its ", capacity, " tokens; close it");
    tokens.push_back(request.pending);
    caches.push_back(request.cache.get());
    fed.push_back(&request);
  }
  if (fed.empty()) {
    if (collective()) decoder.walk();
    return;
  }
  const int64_t vocab = engine.llama.config().vocab_size;
  std::vector<float> logits(fed.size() * static_cast<size_t>(vocab));
  decoder.decode(tokens, caches, logits.data());
  for (size_t i = 0; i < fed.size(); ++i) {
    std::copy_n(logits.begin() + static_cast<int64_t>(i) * vocab, vocab, fed[i]->logits.begin());
    fed[i]->pending = -1;
  }
}

Generation::Generation(Engine& engine, int32_t slots, int32_t max_tokens) {
  const ModelConfig& model = engine.impl_->llama.config();
  DMT_CHECK(slots >= 1, "slots must be at least 1, got ", slots);
  DMT_CHECK(max_tokens >= 1 && max_tokens <= model.max_position_embeddings,
            "max_tokens must be between 1 and the "
            "model's limit (max_position_embeddings) of ",
            model.max_position_embeddings, ", got ", max_tokens);
  impl_ = std::make_unique<Impl>(*engine.impl_, max_tokens);
  impl_->requests.resize(static_cast<size_t>(slots));
}

Generation::~Generation() = default;

void Generation::take_part() {
  const ComputeScope scope(*impl_->engine.ops);
  if (impl_->collective()) impl_->decoder.walk();
}

int32_t Generation::open(const int32_t* prompt, int32_t length, const SamplingConfig& sampling) {
  Impl& g = *impl_;
  validate(sampling);
  DMT_CHECK(length >= 1 && length <= g.capacity, "a prompt must have between 1 and ", g.capacity,
            " tokens, this one has ", length);
  int32_t slot = 0;
  while (slot < static_cast<int32_t>(g.requests.size()) && g.requests[static_cast<size_t>(slot)].open) ++slot;
  DMT_CHECK(slot < static_cast<int32_t>(g.requests.size()), "all ", g.requests.size(),
            " slots are taken; close one first");
  const ComputeScope scope(*g.engine.ops);
  const ModelConfig& model = g.engine.llama.config();
  Request& request = g.requests[static_cast<size_t>(slot)];
  if (request.cache == nullptr) {
    request.cache = std::make_unique<KeyValueCache>(model, g.engine.llama.dtype(), g.capacity);
  }
  request.cache->clear();
  request.logits.resize(static_cast<size_t>(model.vocab_size));
  g.decoder.prefill(prompt, length, *request.cache, request.logits.data());
  request.sampling = sampling;
  request.pending = -1;
  request.generated = 0;
  request.open = true;
  return slot;
}

void Generation::step(int32_t* tokens) {
  Impl& g = *impl_;
  const ComputeScope scope(*g.engine.ops);
  g.feed_pending();
  const int64_t vocab = g.engine.llama.config().vocab_size;
  for (size_t slot = 0; slot < g.requests.size(); ++slot) {
    Request& request = g.requests[slot];
    tokens[slot] = -1;
    if (!request.open) continue;
    request.pending = sample_token(request.logits.data(), vocab, request.sampling, request.generated++);
    tokens[slot] = request.pending;
  }
}

void Generation::close(int32_t slot) {
  Impl& g = *impl_;
  DMT_CHECK(slot >= 0 && slot < static_cast<int32_t>(g.requests.size()) &&
                g.requests[static_cast<size_t>(slot)].open,
            "slot ", slot, " is not open");
  g.requests[static_cast<size_t>(slot)].open = false;
}

}  // namespace dmt
