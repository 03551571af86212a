#include <algorithm>
#include <utility>
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

  int32_t free_slot() const;
  void check_prompt(const int32_t* prompt, int32_t length) const;
  /// Tokens that the last step chose, to be fed all in one pass.
  std::vector<SlotToken> pending() const;
  /// What is to be chosen for all open requests.
  std::vector<Choice> choices() const;
  void step(int32_t* tokens);
  /// Whether weights are gathered in each pass, so that all ranks must make the same calls.
  bool collective() const {
    return engine.grid.shards() > 1 && engine.config.parallel.sharding != Sharding::kGradOp;
  }

  Engine::Impl& engine;
  int64_t capacity;
  std::vector<Request> requests;
  std::vector<Prompt> waiting;  // of requests that no step has seen yet; all are read at once
  std::unique_ptr<Decoder> decoder;
};

int32_t Generation::Impl::free_slot() const {
  const auto free = std::find_if(requests.begin(), requests.end(), [](const Request& r) { return !r.open; });
  DMT_CHECK(free != requests.end(), "all ", requests.size(), " slots are taken; close one first");
  return static_cast<int32_t>(free - requests.begin());
}

void Generation::Impl::check_prompt(const int32_t* prompt, int32_t length) const {
  DMT_CHECK(length >= 1 && length <= capacity, "a prompt must have between 1 and ", capacity,
            " tokens, this one has ", length);
  for (int32_t t = 0; t < length; ++t) check_token(prompt[t], t, engine.llama.config());
}

std::vector<SlotToken> Generation::Impl::pending() const {
  std::vector<SlotToken> tokens;
  for (size_t i = 0; i < requests.size(); ++i) {
    const Request& request = requests[i];
    if (!request.open || request.pending < 0) continue;
    const auto slot = static_cast<int32_t>(i);
    DMT_CHECK(decoder->length(slot) < capacity, "slot ", slot, " has used all of its ", capacity,
              " tokens; close it");
    tokens.push_back({slot, request.pending});
  }
  return tokens;
}

std::vector<Choice> Generation::Impl::choices() const {
  std::vector<Choice> choices;
  for (size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].open)
      choices.push_back({static_cast<int32_t>(i), requests[i].sampling, requests[i].generated});
  }
  return choices;
}

void Generation::Impl::step(int32_t* tokens) {
  const std::vector<SlotToken> fed = pending();
  if (!waiting.empty()) {
    decoder->prefill(waiting);
    waiting.clear();
  }
  if (fed.empty() && collective()) decoder->walk();
  // What a token is fed to has it from here on, whatever happens to what follows.
  for (const SlotToken& token : fed) requests[static_cast<size_t>(token.slot)].pending = -1;
  std::fill_n(tokens, requests.size(), -1);
  const std::vector<Choice> chosen = choices();
  if (chosen.empty()) return;
  decoder->step(fed, chosen, tokens);
  for (const Choice& choice : chosen) {
    Request& request = requests[static_cast<size_t>(choice.slot)];
    request.pending = tokens[choice.slot];
    ++request.generated;
  }
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

int32_t Generation::open(const int32_t* prompt, int32_t length, const SamplingConfig& sampling,
                         int32_t adapter) {
  Impl& g = *impl_;
  validate(sampling);
  const auto adapters = static_cast<int32_t>(g.engine.llama.adapters().size());
  DMT_CHECK(adapter >= -1 && adapter < std::max(adapters, 1), "adapter ", adapter,
            " does not exist, the engine has ", adapters, "; -1 is none");
  g.check_prompt(prompt, length);
  const int32_t slot = g.free_slot();
  const ComputeScope scope(*g.engine.ops, g.engine.config.threads);
  g.engine.require_memory_for(g.decoder->tokens_of_prefill(length), false);
  Prompt read{slot, {prompt, prompt + length}, adapters == 0 ? -1 : adapter};
  if (g.collective()) {
    g.engine.guard([&] { g.decoder->prefill({read}); });
  } else {
    g.waiting.push_back(std::move(read));
  }
  Request& request = g.requests[static_cast<size_t>(slot)];
  request = {.open = true, .sampling = sampling};
  return slot;
}

void Generation::step(int32_t* tokens) {
  Impl& g = *impl_;
  const ComputeScope scope(*g.engine.ops, g.engine.config.threads);
  g.engine.guard([&] { g.step(tokens); });
}

void Generation::close(int32_t slot) {
  Impl& g = *impl_;
  DMT_CHECK(slot >= 0 && slot < static_cast<int32_t>(g.requests.size()) &&
                g.requests[static_cast<size_t>(slot)].open,
            "slot ", slot, " is not open");
  g.requests[static_cast<size_t>(slot)].open = false;
  std::erase_if(g.waiting, [slot](const Prompt& prompt) { return prompt.slot == slot; });
  g.decoder->release(slot);
}

}  // namespace dmt
