// Training and generation speed without Java, in the words and the JSON line of the peer's peer_speed.py, so
// that the two can be run in turn.
//
// dmt_bench train|generate [--preset P] [--dtype float32|bfloat16] [--batch B] [--seq T] [--steps N]
//                          [--recompute none|cheap|attention|full] [--threads N] [--prompt P] [--new N]
//                          [--device cpu|cuda] [--optimizer-states float32|bfloat16]
//                          [--gradients float32|bfloat16] [--simulate-world N]
//                          [--accumulate N] [--rows dense|packed] [--vocab V]
//                          [--lora RANK] [--lora-targets attention|all] [--base compute|int8|nf4]
//
// dmt_bench quantized [--preset P] [--steps N] [--threads N]    frozen weights on the CPU, see quantized.h
//
// A step is N micro-batches of B * T tokens (--accumulate) and one update. Rows are dense, B documents of T
// tokens, or packed: as many tokens in documents of many lengths, other ones in every micro-batch.
//
// --lora trains an adapter of this rank (alpha twice as much) on the projections of all blocks, or on those
// of attention alone; --base says how the model beside it is kept.
//
// After the steps that are timed two more are taken apart: breakdown_ms is what a step's time goes into, with
// "other" for what is none of it: uploads, waits for the host, zeroing. passes_tokens_per_s is without the
// update, which many micro-batches share. attention_calls says what computed attention on a GPU.
// --simulate-world trains rank 0 of N ranks that do not exist, with full sharding; "prediction" then says
// what a step would take among real ones (dmt::predict_step() of dmt/engine.h).
//
// On a GPU, peak_gpu_mb is what the driver counts for this process beyond what there was before, and
// accounted_gpu_mb what the engine counts itself. The device still works on a step's update when apply()
// returns: each step's time holds the update of the step before.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "dmt/engine.h"
#include "environment/environment.h"
#include "quantized.h"

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

struct Options {
  std::string mode, preset = "tiny", dtype = "float32", recompute = "none", device = "cpu";
  std::string optimizer_states = "float32", gradients = "float32";
  int32_t batch = 8, seq = 256, steps = 8, prompt = 64, new_tokens = 128, threads = 0;
  int32_t world = 1, accumulate = 1, vocab = 0, lora = 0;
  std::string rows = "dense", lora_targets = "all", base = "compute";
};

dmt::ModelConfig preset(const std::string& name, int32_t seq, int32_t vocab) {
  struct Shape {
    int32_t hidden, ffn, layers, heads, kv_heads, vocab;
  };
  static const std::map<std::string, Shape> shapes = {
      {"tiny", {288, 768, 6, 6, 6, 32000}},        {"small", {768, 2048, 12, 12, 12, 32000}},
      {"1b", {2048, 5632, 22, 32, 4, 32000}},      {"7b-2l", {4096, 11008, 2, 32, 32, 32000}},
      {"7b-8l", {4096, 11008, 8, 32, 32, 32000}},  {"7b", {4096, 11008, 32, 32, 32, 32000}},
      {"13b", {5120, 13824, 40, 40, 40, 32000}},   {"33b-2l", {6656, 17920, 2, 52, 52, 32000}},
      {"33b-8l", {6656, 17920, 8, 52, 52, 32000}}, {"33b", {6656, 17920, 60, 52, 52, 32000}},
  };
  const auto found = shapes.find(name);
  if (found == shapes.end()) throw std::runtime_error("unknown preset " + name);
  const Shape& s = found->second;
  dmt::ModelConfig model;
  model.vocab_size = vocab > 0 ? vocab : s.vocab;
  model.hidden_size = s.hidden;
  model.intermediate_size = s.ffn;
  model.layers = s.layers;
  model.heads = s.heads;
  model.kv_heads = s.kv_heads;
  model.head_dim = s.hidden / s.heads;
  model.max_position_embeddings = std::max(2048, seq);
  return model;
}

Options parse(int argc, char** argv) {
  Options options;
  if (argc < 2)
    throw std::runtime_error(
        "usage: dmt_bench train|generate|quantized [--preset P] ...; see bench/bench.cc");
  options.mode = argv[1];
  if (options.mode != "train" && options.mode != "generate" && options.mode != "quantized") {
    throw std::runtime_error("unknown mode " + options.mode + ", expected train, generate or quantized");
  }
  const std::map<std::string, int32_t*> numbers = {
      {"--batch", &options.batch},          {"--seq", &options.seq},
      {"--steps", &options.steps},          {"--prompt", &options.prompt},
      {"--new", &options.new_tokens},       {"--threads", &options.threads},
      {"--simulate-world", &options.world}, {"--accumulate", &options.accumulate},
      {"--vocab", &options.vocab},          {"--lora", &options.lora}};
  const std::map<std::string, std::string*> words = {{"--preset", &options.preset},
                                                     {"--dtype", &options.dtype},
                                                     {"--recompute", &options.recompute},
                                                     {"--device", &options.device},
                                                     {"--optimizer-states", &options.optimizer_states},
                                                     {"--gradients", &options.gradients},
                                                     {"--rows", &options.rows},
                                                     {"--lora-targets", &options.lora_targets},
                                                     {"--base", &options.base}};
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (numbers.count(name) != 0) {
      *numbers.at(name) = std::stoi(argv[i + 1]);
    } else if (words.count(name) != 0) {
      *words.at(name) = argv[i + 1];
    } else {
      throw std::runtime_error("unknown option " + name);
    }
  }
  if (options.accumulate < 1) throw std::runtime_error("--accumulate must be at least 1");
  if (options.rows != "dense" && options.rows != "packed")
    throw std::runtime_error("unknown rows " + options.rows + ", expected dense or packed");
  return options;
}

dmt::DType dtype_of(const std::string& name) {
  if (name == "float32") return dmt::DType::kFloat32;
  if (name == "bfloat16") return dmt::DType::kBFloat16;
  throw std::runtime_error("unknown dtype " + name + ", expected float32 or bfloat16");
}

dmt::AdapterConfig adapter_config(const Options& options) {
  if (options.lora_targets != "all" && options.lora_targets != "attention")
    throw std::runtime_error("unknown lora-targets " + options.lora_targets + ", expected attention or all");
  dmt::AdapterConfig adapter;
  const int targets = options.lora_targets == "all" ? 7 : 4;
  for (int i = 0; i < targets; ++i) {
    adapter.ranks[i] = options.lora;
    adapter.alphas[i] = 2.0 * options.lora;
  }
  return adapter;
}

dmt::EngineConfig engine_config(const Options& options) {
  dmt::EngineConfig config;
  if (options.device != "cpu" && options.device != "cuda")
    throw std::runtime_error("unknown device " + options.device + ", expected cpu or cuda");
  config.device = options.device == "cpu" ? dmt::Device::kCpu : dmt::Device::kCuda;
  config.compute_dtype = dtype_of(options.dtype);
  config.optimizer_states = dtype_of(options.optimizer_states);
  config.gradient_dtype = dtype_of(options.gradients);
  const std::vector<std::string> levels = {"none", "cheap", "attention", "full"};
  const auto level = std::find(levels.begin(), levels.end(), options.recompute);
  if (level == levels.end()) throw std::runtime_error("unknown recompute level " + options.recompute);
  config.recompute = static_cast<dmt::Recompute>(level - levels.begin());
  config.trainable = options.mode == "train";
  config.threads = options.threads;
  config.adapter = adapter_config(options);
  const std::vector<std::string> bases = {"compute", "int8", "nf4"};
  const auto base = std::find(bases.begin(), bases.end(), options.base);
  if (base == bases.end())
    throw std::runtime_error("unknown base " + options.base + ", expected compute, int8 or nf4");
  config.base_weights = static_cast<dmt::BaseWeights>(base - bases.begin());
  config.parallel.world_size = options.world;
  config.parallel.group_kind = dmt::GroupKind::kSimulated;
  config.parallel.reduce_dtype = config.gradient_dtype;
  return config;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<int32_t> random_ids(size_t count, int32_t vocab, std::mt19937& random) {
  std::uniform_int_distribution<int32_t> id(3, vocab - 1);
  std::vector<int32_t> ids(count);
  for (int32_t& value : ids) value = id(random);
  return ids;
}

/// Owns a micro-batch of random tokens.
struct RandomBatch {
  std::vector<int32_t> ids, labels, offsets = {0}, sources;

  RandomBatch(const std::vector<int32_t>& lengths, int32_t vocab, std::mt19937& random) {
    for (const int32_t length : lengths) offsets.push_back(offsets.back() + length);
    ids = random_ids(static_cast<size_t>(offsets.back()), vocab, random);
    labels.assign(ids.begin() + 1, ids.end());
    labels.push_back(dmt::kIgnoreIndex);
    for (const int32_t end : offsets) {
      if (end > 0) labels[static_cast<size_t>(end) - 1] = dmt::kIgnoreIndex;
    }
    sources.assign(lengths.size(), 0);
  }
  int64_t label_tokens() const { return static_cast<int64_t>(ids.size() - sources.size()); }
  dmt::MicroBatch view() const {
    return {static_cast<int64_t>(ids.size()),
            static_cast<int32_t>(sources.size()),
            ids.data(),
            labels.data(),
            offsets.data(),
            sources.data()};
  }
};

/// Training steps over random rows.
class TrainingSteps {
 public:
  TrainingSteps(dmt::Engine& engine, const Options& options) : engine_(engine), options_(options) {}

  /// @return seconds that it took
  double step() {
    std::vector<RandomBatch> batches;
    int64_t label_tokens = 0;
    for (int32_t i = 0; i < options_.accumulate; ++i) {
      batches.emplace_back(lengths(), engine_.model_config().vocab_size, random_);
      label_tokens += batches.back().label_tokens();
    }
    const double weight = 1.0 / (static_cast<double>(label_tokens) * options_.world);
    const Clock::time_point start = Clock::now();
    for (const RandomBatch& batch : batches) engine_.accumulate(batch.view(), weight);
    engine_.apply(1e-4);
    return seconds_since(start);
  }

 private:
  /// Of the documents of a micro-batch.
  std::vector<int32_t> lengths() {
    const int32_t tokens = options_.batch * options_.seq;
    if (options_.rows == "dense")
      return std::vector<int32_t>(static_cast<size_t>(options_.batch), options_.seq);
    // Conversations: half of them shorter than a quarter of the longest, none of a few tokens only.
    std::lognormal_distribution<double> length(std::log(options_.seq / 5.0), 0.8);
    std::vector<int32_t> packed;
    for (int32_t left = tokens; left > 0; left -= packed.back()) {
      const auto drawn = static_cast<int32_t>(
          std::clamp(length(random_), std::min(8.0, double(options_.seq)), double(options_.seq)));
      packed.push_back(std::min(left, drawn));
      if (left - packed.back() == 1) packed.back() += packed.back() > 2 ? -1 : 1;  // one token has no label
    }
    return packed;
  }

  dmt::Engine& engine_;
  const Options& options_;
  std::mt19937 random_{0};
};

/// Times of steps, and what one step went into.
struct TrainingTimes {
  std::vector<double> steps;
  dmt::WorkSeconds work;
};

TrainingTimes train(dmt::Engine& engine, const Options& options) {
  constexpr int32_t kWarmUp = 2;  // as the peer does
  constexpr int32_t kTakenApart = 2;
  engine.reserve(int64_t{options.batch} * options.seq);
  TrainingSteps steps(engine, options);
  TrainingTimes times;
  for (int32_t i = 0; i < kWarmUp; ++i) steps.step();
  for (int32_t i = 0; i < options.steps; ++i) times.steps.push_back(steps.step());
  engine.start_clock();
  for (int32_t i = 0; i < kTakenApart; ++i) steps.step();
  times.work = engine.stop_clock();
  for (double* part : {&times.work.products, &times.work.attention, &times.work.element_wise,
                       &times.work.loss, &times.work.optimizer, &times.work.communication, &times.work.total})
    *part /= kTakenApart;
  return times;
}

std::vector<double> generate(dmt::Engine& engine, const Options& options) {
  std::mt19937 random(0);
  dmt::Generation generation(engine, options.batch, options.prompt + options.new_tokens);
  std::vector<int32_t> tokens(static_cast<size_t>(options.batch));
  std::vector<double> times;
  for (int32_t run = 0; run < options.steps / 2 + 1; ++run) {
    std::vector<std::vector<int32_t>> prompts;
    for (int32_t b = 0; b < options.batch; ++b) {
      prompts.push_back(
          random_ids(static_cast<size_t>(options.prompt), engine.model_config().vocab_size, random));
    }
    const Clock::time_point start = Clock::now();
    for (const auto& prompt : prompts) generation.open(prompt.data(), options.prompt, dmt::SamplingConfig{});
    for (int32_t i = 0; i < options.new_tokens; ++i) generation.step(tokens.data());
    for (int32_t b = 0; b < options.batch; ++b) generation.close(b);
    if (run >= 1) times.push_back(seconds_since(start));
  }
  return times;
}

int64_t peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/// The peer's mfu_989: of the 989 TFLOP/s that an H100 does in bfloat16.
double mfu_989(const dmt::Engine& engine, double tokens, int32_t seq, double seconds) {
  return training_flops_per_token(engine.model_config(), seq) * tokens / seconds / 989e12;
}

double median(std::vector<double> values) {
  if (values.empty()) throw std::runtime_error("--steps is too small: nothing was timed");
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double rounded(double value, int steps) {
  return std::round(value * steps) / steps;
}

double milliseconds(double seconds) {
  return rounded(seconds * 1e3, 1000);
}

Json breakdown(const dmt::WorkSeconds& work) {
  const double named =
      work.products + work.attention + work.element_wise + work.loss + work.optimizer + work.communication;
  return {{"step", milliseconds(work.total)},
          {"products", milliseconds(work.products)},
          {"attention", milliseconds(work.attention)},
          {"element_wise", milliseconds(work.element_wise)},
          {"loss", milliseconds(work.loss)},
          {"optimizer", milliseconds(work.optimizer)},
          {"communication", milliseconds(work.communication)},
          {"other", milliseconds(work.total - named)}};
}

Json prediction(const dmt::Engine& engine, const Options& options, const dmt::WorkSeconds& work,
                double tokens) {
  const dmt::Interconnect nvlink;
  const dmt::StepPrediction p =
      dmt::predict_step(engine.model_config(), engine_config(options), work, options.accumulate, nvlink);
  return {{"ranks", options.world},
          {"step_ms", milliseconds(p.seconds)},
          {"tokens_per_s_per_rank", rounded(tokens / p.seconds, 10)},
          {"mfu_989", rounded(mfu_989(engine, tokens, options.seq, p.seconds), 10000)},
          {"computation_ms", milliseconds(p.computation)},
          {"slow_down_ms", milliseconds(p.slow_down)},
          {"exposed_ms", milliseconds(p.exposed)},
          {"communication_ms", milliseconds(p.communication)},
          {"all_gather_gb_per_s", nvlink.all_gather / 1e9},
          {"reduce_scatter_gb_per_s", nvlink.reduce_scatter / 1e9},
          {"product_speed_lost", nvlink.product_speed_lost}};
}

/// One matrix of a feed-forward block.
Json run_quantized(const Options& options) {
  const dmt::ModelConfig model = preset(options.preset, options.seq, options.vocab);
  if (options.threads > 0) dmt::set_thread_count(options.threads);
  const int64_t rows = model.intermediate_size, columns = model.hidden_size;
  return {{"mode", options.mode},
          {"rows", rows},
          {"columns", columns},
          {"threads", options.threads > 0 ? options.threads : dmt::thread_count()},
          {"ms", dmt::bench::quantized_times(rows, columns, options.steps)}};
}

Json run(const Options& options) {
  if (options.mode == "quantized") return run_quantized(options);
  const bool trains = options.mode == "train", on_gpu = options.device == "cuda";
  const int64_t gpu_bytes_before = on_gpu ? dmt::gpu_bytes_in_use(0) : 0;
  dmt::Engine engine(preset(options.preset, options.seq, options.vocab), 0, engine_config(options));
  TrainingTimes times;
  if (trains) {
    times = train(engine, options);
  } else {
    times.steps = generate(engine, options);
  }
  const double step = median(times.steps);
  const double tokens = static_cast<double>(options.batch) *
                        (trains ? double(options.seq) * options.accumulate : options.new_tokens);
  Json line = {{"mode", options.mode},
               {"preset", options.preset},
               {"device", options.device},
               {"dtype", options.dtype},
               {"batch", options.batch},
               {"seq", options.seq},
               {"threads", options.threads > 0 ? options.threads : dmt::thread_count()},
               {"torch", dmt::torch_version()},
               {"params", engine.parameter_count()},
               {"step_ms", rounded(step * 1e3, 100)},
               {"tokens_per_s", rounded(tokens / step, 10)},
               {"peak_rss_mb", peak_rss_mb()},
               {"recompute", options.recompute},
               {"optimizer_states", options.optimizer_states},
               {"gradients", options.gradients},
               {"lora", options.lora},
               {"base", options.base},
               {"trained_params", engine.trained_parameter_count()},
               {"accounted_mb", engine.memory_account().total() >> 20}};
  if (on_gpu) {
    line["peak_gpu_mb"] = (dmt::gpu_bytes_in_use(0) - gpu_bytes_before) >> 20;
    line["accounted_gpu_mb"] = engine.memory_account().total() >> 20;
  }
  if (!trains) return line;
  line["accumulate"] = options.accumulate;
  line["rows"] = options.rows;
  line["passes_tokens_per_s"] = rounded(tokens / (times.work.total - times.work.optimizer), 10);
  if (on_gpu) {
    const dmt::AttentionCalls calls = engine.attention_calls();
    line["attention_calls"] = {{"cudnn", calls.cudnn}, {"flash", calls.flash}, {"plain", calls.plain}};
    line["planned_gpu_mb"] =
        planned_memory(engine.model_config(), engine_config(options), int64_t{options.batch} * options.seq)
            .total() >>
        20;
  }
  if (on_gpu) line["mfu_989"] = rounded(mfu_989(engine, tokens, options.seq, step), 10000);
  line["breakdown_ms"] = breakdown(times.work);
  if (options.world > 1) line["prediction"] = prediction(engine, options, times.work, tokens);
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  // The libraries have been loaded already: a second start of this program sees the settings.
  if (std::getenv("DMT_BENCH_STARTED") == nullptr) {
    dmt::set_environment();
    setenv("DMT_BENCH_STARTED", "1", 1);
    execv("/proc/self/exe", argv);
  }
  try {
    std::printf("%s\n", run(parse(argc, argv)).dump().c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dmt_bench: %s\n", error.what());
    return 1;
  }
}
