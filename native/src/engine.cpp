#include "dmt/engine.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <cmath>
#include <filesystem>

#include "base/check.h"
#include "base/files.h"
#include "base/parallel.h"
#include "engine_impl.h"
#include "engine_memory.h"
#include "model/adapter_files.h"
#include "model/llama_config.h"
#include "model/packed_block.h"
#include "model/training_state.h"
#include "model/weights.h"
#include "ops/gpu_ops.h"
#include "ops/plan_ops.h"
#include "optim/adamw.h"

namespace dmt {
namespace {

/// Rounding of a sum of weights: far above what thousands of additions lose, far below one forgotten token.
constexpr double kWeightTolerance = 1e-9;

void validate(const EngineConfig& config) {
  DMT_CHECK(config.device == Device::kCpu || config.device == Device::kCuda,
            "device must be 0 (cpu) or 1 (cuda), got ", static_cast<int32_t>(config.device));
  DMT_CHECK(config.compute_dtype == DType::kFloat32 || config.compute_dtype == DType::kBFloat16,
            "compute_dtype must be 0 (float32) or 1 (bfloat16), got ",
            static_cast<int32_t>(config.compute_dtype));
  DMT_CHECK(config.recompute >= Recompute::kNone && config.recompute <= Recompute::kFull,
            "recompute must be between 0 and 3, got ", static_cast<int32_t>(config.recompute));
  DMT_CHECK(config.optimizer_states == DType::kFloat32 || config.compute_dtype == DType::kBFloat16,
            "optimizer_states bfloat16 needs compute_dtype bfloat16, got float32");
  DMT_CHECK(config.gradient_dtype == DType::kFloat32 || config.compute_dtype == DType::kBFloat16,
            "gradient_dtype bfloat16 needs compute_dtype bfloat16, got float32");
  DMT_CHECK(config.source_count >= 1, "source_count must be at least 1, got ", config.source_count);
  DMT_CHECK(config.loss_chunk_tokens >= 1, "loss_chunk_tokens must be at least 1, got ",
            config.loss_chunk_tokens);
  DMT_CHECK(config.threads >= 0 && config.threads <= max_thread_count(),
            "threads must be between 0 (one per core) and ", max_thread_count(), ", got ", config.threads);
  DMT_CHECK(config.adam_beta1 >= 0 && config.adam_beta1 < 1, "adam_beta1 must be in [0, 1), got ",
            config.adam_beta1);
  DMT_CHECK(config.adam_beta2 >= 0 && config.adam_beta2 < 1, "adam_beta2 must be in [0, 1), got ",
            config.adam_beta2);
  DMT_CHECK(config.adam_epsilon > 0 && std::isfinite(config.adam_epsilon),
            "adam_epsilon must be positive, got ", config.adam_epsilon);
  DMT_CHECK(config.weight_decay >= 0 && std::isfinite(config.weight_decay),
            "weight_decay must be at least 0, got ", config.weight_decay);
  DMT_CHECK(config.max_gradient_norm >= 0 && std::isfinite(config.max_gradient_norm),
            "max_gradient_norm must be at least 0 (0: no clipping), got ", config.max_gradient_norm);
  DMT_CHECK(config.base_weights >= BaseWeights::kComputeDtype && config.base_weights <= BaseWeights::kNf4,
            "base_weights must be between 0 and 2, got ", static_cast<int32_t>(config.base_weights));
  DMT_CHECK(
      config.base_weights == BaseWeights::kComputeDtype || !config.trainable || has_adapter(config.adapter),
      "base_weights ", config.base_weights == BaseWeights::kInt8 ? "int8" : "nf4",
      " cannot be trained: they need an adapter, or trainable=false");
}

/// All that can be wrong with a config for such a model.
const EngineConfig& checked_for(const EngineConfig& config, const ModelConfig& model) {
  validate(config);
  validate(config.adapter, model);
  return config;
}

/// Makes an engine. Throws unless the device has room for all but activations.
template <typename F>
void make_in_memory(const Ops& ops, const ModelConfig& model, const EngineConfig& config, const F& make) {
  const std::string fault = memory_fault(model, config, ops.free_memory());
  DMT_CHECK(fault.empty(), ops.describe(), ": ", fault);
  try {
    make();
  } catch (const c10::Error& error) {
    if (!is_out_of_memory(error)) throw;
    fail("out of memory of the ", ops.describe(), ": ", error.what_without_backtrace(),
         "\nbefore any activations the engine needs: ", memory_text(planned_memory(model, config)));
  }
}

/// The tensor with this number, in the order in which tensors are saved.
TensorLocation tensor_at(const std::vector<ShardedUnit>& units, int32_t tensor) {
  const std::vector<TensorLocation> tensors = tensors_of(units);
  DMT_CHECK(tensor >= 0 && tensor < static_cast<int32_t>(tensors.size()), "tensor ", tensor,
            " does not exist, the model has ", tensors.size());
  return tensors[static_cast<size_t>(tensor)];
}

/// The account after a pass over so many tokens, all of which are labels, on tensors without memory.
MemoryAccount planned_pass(const ModelConfig& model, const EngineConfig& config,
                           const ParallelConfig& parallel, int64_t tokens) {
  PlanOps ops(config.device);
  const ComputeScope scope(ops, config.threads);
  RankGrid grid(parallel, ops);
  LlamaModel llama(model, config, grid, ops);
  std::vector<int32_t> ids(static_cast<size_t>(tokens)), offsets = {0};
  while (offsets.back() < tokens) {
    const int64_t left = tokens - offsets.back();
    offsets.push_back(offsets.back() +
                      static_cast<int32_t>(std::min<int64_t>(left, model.max_position_embeddings)));
  }
  const std::vector<int32_t> sources(offsets.size() - 1);
  const Batch batch(
      {tokens, static_cast<int32_t>(sources.size()), ids.data(), ids.data(), offsets.data(), sources.data()},
      model, config, ops, config.trainable ? Pass::kTraining : Pass::kForward);
  LossAccumulator losses(config.source_count, ops.device());
  if (config.trainable) {
    llama.forward_backward(batch, 1.0, losses);
  } else {
    llama.evaluate(batch, losses);
  }
  return llama.memory_account();
}

int64_t elements_of(const std::vector<UnitLayout>& layouts) {
  int64_t count = 0;
  for (const UnitLayout& layout : layouts) count += layout.elements;
  return count;
}

void copy_parameter(const ParameterSpec& parameter, const at::Tensor& whole, float* out) {
  std::copy_n(whole.const_data_ptr<float>() + parameter.offset, parameter.elements(), out);
}

}  // namespace

std::shared_ptr<Ops> open_device(const EngineConfig& config) {
  if (config.device == Device::kCuda) return open_gpu(config.device_index);
  return {std::shared_ptr<Ops>(), &cpu_ops()};
}

ComputeScope::ComputeScope(const Ops& ops, int32_t threads) {
  set_thread_count(threads);
  if (const std::optional<c10::Stream> stream = ops.stream()) stream_.emplace(*stream);
}

Engine::Impl::Impl(const ModelConfig& model, const EngineConfig& engine_config,
                   std::shared_ptr<Ops> device_ops)
    : config(engine_config),
      ops(std::move(device_ops)),
      grid(engine_config.parallel, *ops),
      llama(model, engine_config, grid, *ops),
      totals(engine_config.source_count, ops->device()),
      last_losses(engine_config.source_count) {}

void StepTotals::clear() {
  losses.clear();
  tokens = 0;
  weight = 0.0;
}

StepSums::StepSums(const StepTotals& totals, RankGrid& grid) : losses(totals.losses.read()) {
  // Counts are exact in double up to 2^53.
  const size_t sources = losses.loss_sums.size();
  std::vector<double> sums = losses.loss_sums;
  for (const int64_t count : losses.label_tokens) sums.push_back(static_cast<double>(count));
  sums.push_back(static_cast<double>(totals.tokens));
  sums.push_back(totals.weight);
  grid.all_reduce(sums.data(), static_cast<int64_t>(sums.size()), "the losses of the step");
  for (size_t source = 0; source < sources; ++source) {
    losses.loss_sums[source] = sums[source];
    losses.label_tokens[source] = static_cast<int64_t>(sums[sources + source]);
  }
  tokens = static_cast<int64_t>(sums[2 * sources]);
  weight = sums[2 * sources + 1];
}

void Engine::Impl::require_memory_for(int64_t tokens, bool backward) {
  int64_t& largest = largest_pass[backward ? 1 : 0];
  if (tokens <= largest) return;
  EngineConfig pass = config;
  pass.trainable = backward;
  const int64_t peak = planned_memory(llama.config(), pass, tokens).activations_peak;
  const int64_t held = llama.activation_bytes();
  if (peak > held) {
    const std::string fault = pass_fault(llama.config(), pass, {tokens, peak, held}, ops->free_memory());
    DMT_CHECK(fault.empty(), ops->describe(), ": ", fault);
    llama.release_activations();
    ops->release_unused();  // so that the device never holds the old piece and the new one
    guard([&] { llama.reserve_activations(peak); });
  }
  largest = tokens;
}

void Engine::Impl::fail_out_of_memory(const c10::Error& error) const {
  fail("out of memory of the ", ops->describe(), ": ", error.what_without_backtrace(),
       "\nthe engine holds: ", memory_text(llama.memory_account()), "\n",
       memory_advice(llama.config(), config));
}

StepSums Engine::Impl::complete_step(const char* what) {
  StepSums sums(totals, grid);
  DMT_CHECK(sums.tokens > 0, what, " needs at least one accumulate before it");
  DMT_CHECK(std::abs(sums.weight - 1) <= kWeightTolerance, "the label tokens of the step weigh ", sums.weight,
            ", together they must weigh 1: a micro-batch is missing, or token_weight is wrong");
  return sums;
}

StepMetrics Engine::Impl::apply(double learning_rate) {
  DMT_CHECK(!has_gradient_set, "apply while gradients are being compared");
  const StepSums sums = complete_step("apply");
  std::vector<ShardedUnit>& units = llama.trained();
  for (ShardedUnit& unit : units) unit.finish_gradients();
  StepMetrics metrics;
  metrics.step = step + 1;
  metrics.label_tokens = sums.losses.total_label_tokens();
  metrics.tokens = sums.tokens;
  metrics.loss = sums.losses.total_loss() / static_cast<double>(metrics.label_tokens);
  metrics.gradient_norm = gradient_norm(units, grid, *ops);
  const bool finite = std::isfinite(metrics.loss) && std::isfinite(metrics.gradient_norm);
  if (finite) {
    adamw_step(units, config, learning_rate, metrics.step,
               clip_scale(metrics.gradient_norm, config.max_gradient_norm), *ops);
    step = metrics.step;
    last_losses = sums.losses;
  }
  {
    const TimedWork timed(Work::kOptimizer);
    for (ShardedUnit& unit : units) unit.zero_gradients();
  }
  totals.clear();
  DMT_CHECK(finite, "step ", metrics.step, ": loss ", metrics.loss, ", gradient norm ", metrics.gradient_norm,
            ": not finite; the weights are those of step ", step);
  return metrics;
}

void Engine::Impl::save(const std::function<void()>& write) {
  if (grid.world_size() == 1) {
    write();
    return;
  }
  std::exception_ptr failure;
  if (grid.rank() == 0) {
    try {
      write();
    } catch (...) {
      failure = std::current_exception();
    }
  } else {
    send_weights(llama.trained());
  }
  double failures = failure == nullptr ? 0.0 : 1.0;
  grid.all_reduce(&failures, 1, "the outcome of saving");
  if (failure != nullptr) std::rethrow_exception(failure);
  DMT_CHECK(failures == 0.0, "rank 0 could not save the model; its message says why");
}

Engine::Engine(const std::string& model_dir, const EngineConfig& config) {
  const std::filesystem::path dir(model_dir);
  const ModelConfig model = read_model_config(dir);
  const std::shared_ptr<Ops> ops = open_device(checked_for(config, model));
  const ComputeScope scope(*ops, config.threads);
  make_in_memory(*ops, model, config, [&] {
    impl_ = std::make_unique<Impl>(model, config, ops);
    impl_->originals = read_originals(dir);
    load_weights(impl_->llama.units(), model, config, dir);
    if (has_adapter(config.adapter)) initialise_adapter(*impl_->llama.adapters().front());
  });
}

Engine::Engine(const ModelConfig& model, uint64_t seed, const EngineConfig& config) {
  dmt::validate(model, "model config");
  const std::shared_ptr<Ops> ops = open_device(checked_for(config, model));
  const ComputeScope scope(*ops, config.threads);
  make_in_memory(*ops, model, config, [&] {
    impl_ = std::make_unique<Impl>(model, config, ops);
    initialise_weights(impl_->llama.units(), model, config, seed, model.initializer_range);
    if (has_adapter(config.adapter)) initialise_adapter(*impl_->llama.adapters().front());
  });
}

Engine::~Engine() = default;

ModelConfig Engine::model_config() const {
  return impl_->llama.config();
}

int64_t Engine::parameter_count() const {
  return elements_of(unit_layouts(impl_->llama.config()));
}

int64_t Engine::trained_parameter_count() const {
  const AdapterConfig& adapter = impl_->config.adapter;
  return has_adapter(adapter) ? elements_of(adapter_layouts(impl_->llama.config(), adapter))
                              : parameter_count();
}

MemoryAccount Engine::memory_account() const {
  MemoryAccount account = impl_->llama.memory_account();
  account.gradients += impl_->kept_gradient_bytes;
  return account;
}

MemoryAccount planned_memory(const ModelConfig& model, const EngineConfig& config,
                             int64_t micro_batch_tokens) {
  DMT_CHECK(micro_batch_tokens >= 0, "micro_batch_tokens must be at least 0, got ", micro_batch_tokens);
  dmt::validate(model, "model config");
  checked_for(config, model);
  ParallelConfig parallel = config.parallel;
  parallel.group_kind = GroupKind::kSimulated;
  if (micro_batch_tokens > 0) return planned_pass(model, config, parallel, micro_batch_tokens);
  RankGrid grid(parallel);
  MemoryAccount account = ModelUnits(model, config, grid, cpu_ops(), at::kMeta).memory_account();
  if (has_adapter(config.adapter))
    account += AdapterUnits(model, config, config.adapter, grid, cpu_ops(), at::kMeta).memory_account();
  return account;
}

void Engine::reserve(int64_t micro_batch_tokens) {
  Impl& e = *impl_;
  DMT_CHECK(micro_batch_tokens >= 1, "micro_batch_tokens must be at least 1, got ", micro_batch_tokens);
  const ComputeScope scope(*e.ops, e.config.threads);
  e.require_memory_for(micro_batch_tokens, e.config.trainable);
}

void Engine::accumulate(const MicroBatch& batch, double token_weight) {
  Impl& e = *impl_;
  DMT_CHECK(e.config.trainable, "this engine was opened for inference: accumulate needs trainable=true");
  DMT_CHECK(token_weight > 0 && std::isfinite(token_weight), "token_weight must be finite and above 0, got ",
            token_weight, "; samples whose labels are all masked cannot be trained on");
  const ComputeScope scope(*e.ops, e.config.threads);
  const Batch checked_batch(batch, e.llama.config(), e.config, *e.ops, Pass::kTraining);
  const double weight = e.totals.weight + token_weight * static_cast<double>(checked_batch.label_count());
  DMT_CHECK(weight <= 1 + kWeightTolerance, "the label tokens of the step weigh ", weight,
            " so far, together they must weigh 1: token_weight is ", token_weight, " for ",
            checked_batch.label_count(), " label tokens");
  e.require_memory_for(checked_batch.tokens, true);
  const ClockScope clock(e.clock.get());
  e.guard([&] { e.llama.forward_backward(checked_batch, token_weight, e.totals.losses, e.step); });
  e.totals.weight = weight;
  e.totals.tokens += checked_batch.tokens;
}

StepMetrics Engine::apply(double learning_rate) {
  Impl& e = *impl_;
  DMT_CHECK(e.config.trainable, "this engine was opened for inference: apply needs trainable=true");
  DMT_CHECK(learning_rate >= 0 && std::isfinite(learning_rate),
            "learning_rate must be finite and at least 0, got ", learning_rate);
  const ComputeScope scope(*e.ops, e.config.threads);
  const ClockScope clock(e.clock.get());
  return e.guard([&] { return e.apply(learning_rate); });
}

void Engine::reset_optimizer() {
  Impl& e = *impl_;
  DMT_CHECK(e.config.trainable, "this engine was opened for inference: reset_optimizer needs trainable=true");
  DMT_CHECK(e.totals.tokens == 0, "reset_optimizer within a step: ", e.totals.tokens,
            " tokens were accumulated; apply must come first");
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  for (ShardedUnit& unit : e.llama.trained()) unit.zero_moments();
  e.step = 0;
}

AttentionCalls Engine::attention_calls() const {
  return impl_->ops->attention_calls();
}

void Engine::start_clock() {
  DMT_CHECK(impl_->clock == nullptr, "the clock runs already");
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  impl_->clock = impl_->ops->make_clock();
}

WorkSeconds Engine::stop_clock() {
  DMT_CHECK(impl_->clock != nullptr, "no clock runs; start_clock() must come first");
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  const std::unique_ptr<WorkClock> clock = std::move(impl_->clock);
  return clock->read();
}

void Engine::step_source_losses(double* loss_sums, int64_t* label_tokens) const {
  const SourceLosses& losses = impl_->last_losses;
  std::copy(losses.loss_sums.begin(), losses.loss_sums.end(), loss_sums);
  std::copy(losses.label_tokens.begin(), losses.label_tokens.end(), label_tokens);
}

void Engine::evaluate(const MicroBatch& batch, double* loss_sums, int64_t* label_tokens) {
  impl_->evaluate(batch, {}, loss_sums, label_tokens);
}

void Engine::Impl::evaluate(const MicroBatch& batch, AttentionHead without, double* loss_sums,
                            int64_t* label_tokens) {
  const ComputeScope scope(*ops, config.threads);
  const Batch checked_batch(batch, llama.config(), config, *ops);
  require_memory_for(checked_batch.tokens, false);
  LossAccumulator accumulated(config.source_count, ops->device());
  const SourceLosses losses = guard([&] {
    llama.evaluate(checked_batch, accumulated, without);
    return accumulated.read();
  });
  for (size_t source = 0; source < losses.loss_sums.size(); ++source) {
    loss_sums[source] += losses.loss_sums[source];
    label_tokens[source] += losses.label_tokens[source];
  }
}

void Engine::sum_over_ranks(double* values, int64_t count) const {
  DMT_CHECK(count >= 0, "count must be at least 0, got ", count);
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  impl_->grid.all_reduce(values, count, "sums");
}

void Engine::logits(const MicroBatch& batch, float* logits) {
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  const Batch checked_batch(batch, impl_->llama.config(), impl_->config, *impl_->ops);
  impl_->require_memory_for(checked_batch.tokens, false);
  impl_->guard([&] { impl_->llama.logits(checked_batch, logits); });
}

void Engine::hidden_states(const MicroBatch& batch, Pooling pooling, float* states) {
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  const Batch checked_batch(batch, impl_->llama.config(), impl_->config, *impl_->ops);
  impl_->require_memory_for(checked_batch.tokens, false);
  impl_->guard([&] { impl_->llama.hidden_states(checked_batch, pooling, states); });
}

int32_t Engine::tensor_count() const {
  impl_->require_whole_weights("tensor_count");
  return static_cast<int32_t>(tensors_of(impl_->llama.trained()).size());
}

std::string Engine::tensor_name(int32_t tensor) const {
  impl_->require_whole_weights("tensor_name");
  return tensor_at(impl_->llama.trained(), tensor).parameter->name;
}

int64_t Engine::tensor_size(int32_t tensor) const {
  impl_->require_whole_weights("tensor_size");
  return tensor_at(impl_->llama.trained(), tensor).parameter->elements();
}

void Engine::read_weight(int32_t tensor, float* out) const {
  impl_->require_whole_weights("read_weight");
  const TensorLocation location = tensor_at(impl_->llama.trained(), tensor);
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  const at::Tensor whole = impl_->llama.trained()[location.unit].gather_float32();
  copy_parameter(*location.parameter, whole, out);
}

void Engine::read_gradient(int32_t tensor, float* out) const {
  DMT_CHECK(impl_->config.trainable, "this engine was opened for inference: it has no gradients");
  const TensorLocation location = tensor_at(impl_->llama.trained(), tensor);
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  const at::Tensor whole = impl_->llama.trained()[location.unit].gather_gradients();
  copy_parameter(*location.parameter, whole, out);
}

void Engine::save(const std::string& directory, DType dtype) const {
  Impl& e = *impl_;
  DMT_CHECK(
      !has_adapter(e.config.adapter),
      "an engine with an adapter saves the adapter (save_adapter); merge_adapter makes a model of both");
  e.require_whole_weights("save");
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  e.save([&] { save_weights(e.llama.units(), e.llama.config(), dtype, directory, e.originals); });
}

void Engine::save_adapter(const std::string& directory, DType dtype) const {
  Impl& e = *impl_;
  require_adapter("save_adapter");
  const ComputeScope scope(*e.ops, e.config.threads);
  e.save([&] {
    GatheredUnits gathered(e.llama.trained());
    write_adapter(directory, e.llama.config(), e.config.adapter, dtype,
                  [&](size_t tensor, int64_t begin, int64_t count, float* out) {
                    gathered.read(tensor, begin, count, out);
                  });
  });
}

void Engine::load_adapter(const std::string& file) {
  Impl& e = *impl_;
  require_adapter("load_adapter");
  DMT_CHECK(e.totals.tokens == 0, "load_adapter within a step: ", e.totals.tokens,
            " tokens were accumulated; apply must come first");
  const ComputeScope scope(*e.ops, e.config.threads);
  dmt::load_adapter(*e.llama.adapters().front(), e.llama.units(), e.llama.config(), e.config.compute_dtype,
                    file);
}

int32_t Engine::add_adapter(const AdapterConfig& adapter, const std::string& file) {
  Impl& e = *impl_;
  DMT_CHECK(!e.config.trainable,
            "add_adapter needs an engine that was opened for inference (trainable=false)");
  DMT_CHECK(has_adapter(adapter), "add_adapter: the config names no target");
  validate(adapter, e.llama.config());
  const ComputeScope scope(*e.ops, e.config.threads);
  return e.guard([&] {
    const int32_t number = e.llama.add_adapter(adapter);
    try {
      dmt::load_adapter(*e.llama.adapters().back(), e.llama.units(), e.llama.config(), e.config.compute_dtype,
                        file);
    } catch (...) {
      e.llama.adapters().pop_back();
      throw;
    }
    return number;
  });
}

void Engine::Impl::require_whole_weights(const char* what) const {
  DMT_CHECK(!is_packed(config) || has_adapter(config.adapter), what,
            " needs weights as they are, this engine's are quantised (base_weights)");
}

void Engine::require_adapter(const char* what) const {
  DMT_CHECK(has_adapter(impl_->config.adapter), what, " needs an adapter in the engine's config");
}

void Engine::restore(const std::string& directory) {
  Impl& e = *impl_;
  DMT_CHECK(e.config.trainable, "this engine was opened for inference: restore needs trainable=true");
  DMT_CHECK(e.totals.tokens == 0, "restore within a step: ", e.totals.tokens,
            " tokens were accumulated; apply must come first");
  const ComputeScope scope(*impl_->ops, impl_->config.threads);
  e.step = restore_state(e.llama.trained(), e.llama.config(), e.config.adapter, directory);
}

int32_t thread_count() {
  return default_threads();
}

std::string torch_version() {
  return TORCH_VERSION;
}

}  // namespace dmt
