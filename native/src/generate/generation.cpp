#include <vector>

#include "base/check.h"
#include "dmt/engine.h"
#include "engine_impl.h"
#include "engine_memory.h"
#include "generate/decoder.h"
#include "generate/sampler.h"

namespace dmt {
namespace {

struct Request {
  bool open = false;
  SamplingConfig sampling;
  int32_t pending = -1;  // token that was chosen and has not been fed yet
  int64_t generated = 0;
};

}  // namespace

struct Generation::Impl {
  Impl(Engine::Impl& engine_impl, int32_t slots, int32_t max_tokens)
      : engine(engine_impl),
        capacity(max_tokens),
        requests(static_cast<size_t>(slots)),
        decoder(make_decoder(engine.llama, slots, capacity, !collective())) {}

  /// Feeds the tokens that the last step chose, all in one pass.
  void feed_pending();
  /// Whether weights are gathered in each pass, so that all ranks must make the same calls.
  bool collective() const {
    return engine.grid.shards() > 1 && engine.config.parallel.sharding != Sharding::kGradOp;
  }

  Engine::Impl& engine;
  int64_t capacity;
  std::vector<Request> requests;
  std::unique_ptr<Decoder> decoder;
};

void Generation::Impl::feed_pending() {
  std::vector<SlotToken> tokens;
  for (size_t i = 0; i < requests.size(); ++i) {
    Request& request = requests[i];
    if (!request.open || request.pending < 0) continue;
    const auto slot = static_cast<int32_t>(i);
    DMT_CHECK(decoder->length(slot) < capacity, "slot ", slot, " has used all of its ", capacity,
              " tokens; close it");
    tokens.push_back({slot, request.pending});
  }
  if (tokens.empty()) {
    if (collective()) decoder->walk();
    return;
  }
  decoder->decode(tokens);
  for (const SlotToken& fed : tokens) requests[static_cast<size_t>(fed.slot)].pending = -1;
}

Generation::Generation(Engine& engine, int32_t slots, int32_t max_tokens) {
  const ModelConfig& model = engine.impl_->llama.config();
  DMT_CHECK(slots >= 1, "slots must be at least 1, got ", slots);
  DMT_CHECK(max_tokens >= 1 && max_tokens <= model.max_position_embeddings,
            "max_tokens must be between 1 and the "
            "model's limit (max_position_embeddings) of ",
            model.max_position_embeddings, ", got ", max_tokens);
  const ComputeScope scope(*engine.impl_->ops, engine.impl_->config.threads);
  const std::string fault = cache_fault(model, engine.impl_->config.compute_dtype, slots, max_tokens,
                                        engine.impl_->ops->free_memory());
  DMT_CHECK(fault.empty(), engine.impl_->ops->describe(), ": ", fault);
  engine.impl_->guard([&] { impl_ = std::make_unique<Impl>(*engine.impl_, slots, max_tokens); });
}

Generation::~Generation() = default;

void Generation::take_part() {
  const ComputeScope scope(*impl_->engine.ops, impl_->engine.config.threads);
  if (impl_->collective()) impl_->engine.guard([&] { impl_->decoder->walk(); });
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
  const ComputeScope scope(*g.engine.ops, g.engine.config.threads);
  Request& request = g.requests[static_cast<size_t>(slot)];
  g.engine.guard([&] { g.decoder->prefill(slot, prompt, length); });
  request.sampling = sampling;
  request.pending = -1;
  request.generated = 0;
  request.open = true;
  return slot;
}

void Generation::step(int32_t* tokens) {
  Impl& g = *impl_;
  const ComputeScope scope(*g.engine.ops, g.engine.config.threads);
  g.engine.guard([&] {
    g.feed_pending();
    for (size_t slot = 0; slot < g.requests.size(); ++slot) {
      Request& request = g.requests[slot];
      tokens[slot] = -1;
      if (!request.open) continue;
      request.pending = g.decoder->choose(static_cast<int32_t>(slot), request.sampling, request.generated++);
      tokens[slot] = request.pending;
    }
  });
}

void Generation::close(int32_t slot) {
  Impl& g = *impl_;
  DMT_CHECK(slot >= 0 && slot < static_cast<int32_t>(g.requests.size()) &&
                g.requests[static_cast<size_t>(slot)].open,
            "slot ", slot, " is not open");
  g.requests[static_cast<size_t>(slot)].open = false;
  g.decoder->release(slot);
}

}  // namespace dmt
