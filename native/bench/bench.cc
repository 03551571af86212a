// Training and generation speed without Java, in the words and the JSON line of the peer's peer_speed.py, so
// that the two can be run in turn.
//
// dmt_bench train|generate [--preset P] [--dtype float32|bfloat16] [--batch B] [--seq T] [--steps N]
//                          [--recompute none|cheap|attention|full] [--threads N] [--prompt P] [--new N]
//                          [--device cpu|cuda] [--optimizer-states float32|bfloat16]
//                          [--gradients float32|bfloat16]
//
// On a GPU, peak_gpu_mb is what the driver counts for this process beyond what there was before, and
// accounted_gpu_mb what the engine counts itself. The device still works on a step's update when apply()
// returns: each step's time holds the update of the step before.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/kernels.h"
#include "dmt/engine.h"
#include "environment/environment.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string mode, preset = "tiny", dtype = "float32", recompute = "none", device = "cpu";
  std::string optimizer_states = "float32", gradients = "float32";
  int32_t batch = 8, seq = 256, steps = 8, prompt = 64, new_tokens = 128, threads = 0;
};

dmt::ModelConfig preset(const std::string& name, int32_t seq) {
  struct Shape {
    int32_t hidden, ffn, layers, heads, kv_heads, vocab;
  };
  static const std::map<std::string, Shape> shapes = {
      {"tiny", {288, 768, 6, 6, 6, 32000}},        {"small", {768, 2048, 12, 12, 12, 32000}},
      {"1b", {2048, 5632, 22, 32, 4, 32000}},      {"7b-2l", {4096, 11008, 2, 32, 32, 32000}},
      {"7b-8l", {4096, 11008, 8, 32, 32, 32000}},  {"7b", {4096, 11008, 32, 32, 32, 32000}},
      {"33b-2l", {6656, 17920, 2, 52, 52, 32000}},
  };
  const auto found = shapes.find(name);
  if (found == shapes.end()) throw std::runtime_error("unknown preset " + name);
  const Shape& s = found->second;
  dmt::ModelConfig model;
  model.vocab_size = s.vocab;
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
    throw std::runtime_error("usage: dmt_bench train|generate [--preset P] ...; see bench/bench.cc");
  options.mode = argv[1];
  if (options.mode != "train" && options.mode != "generate") {
    throw std::runtime_error("unknown mode " + options.mode + ", expected train or generate");
  }
  const std::map<std::string, int32_t*> numbers = {
      {"--batch", &options.batch},   {"--seq", &options.seq},        {"--steps", &options.steps},
      {"--prompt", &options.prompt}, {"--new", &options.new_tokens}, {"--threads", &options.threads}};
  const std::map<std::string, std::string*> words = {{"--preset", &options.preset},
                                                     {"--dtype", &options.dtype},
                                                     {"--recompute", &options.recompute},
                                                     {"--device", &options.device},
                                                     {"--optimizer-states", &options.optimizer_states},
                                                     {"--gradients", &options.gradients}};
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
  return options;
}

dmt::DType dtype_of(const std::string& name) {
  if (name == "float32") return dmt::DType::kFloat32;
  if (name == "bfloat16") return dmt::DType::kBFloat16;
  throw std::runtime_error("unknown dtype " + name + ", expected float32 or bfloat16");
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

std::vector<double> train(dmt::Engine& engine, const Options& options) {
  std::mt19937 random(0);
  const size_t tokens = static_cast<size_t>(options.batch) * static_cast<size_t>(options.seq);
  std::vector<int32_t> offsets, sources(static_cast<size_t>(options.batch), 0);
  for (int32_t b = 0; b <= options.batch; ++b) offsets.push_back(b * options.seq);
  std::vector<double> times;
  for (int32_t step = 0; step < options.steps + 2; ++step) {  // two to warm up, as the peer does
    const std::vector<int32_t> ids = random_ids(tokens, engine.model_config().vocab_size, random);
    std::vector<int32_t> labels(ids.begin() + 1, ids.end());
    labels.push_back(dmt::kIgnoreIndex);
    for (int32_t b = 1; b < options.batch; ++b)
      labels[static_cast<size_t>(offsets[static_cast<size_t>(b)]) - 1] = dmt::kIgnoreIndex;
    const dmt::MicroBatch batch{static_cast<int64_t>(tokens),
                                options.batch,
                                ids.data(),
                                labels.data(),
                                offsets.data(),
                                sources.data()};
    const Clock::time_point start = Clock::now();
    engine.accumulate(batch, 1.0 / (static_cast<double>(tokens) - options.batch));
    engine.apply(1e-4);
    if (step >= 2) times.push_back(seconds_since(start));
  }
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

/// What the driver has given out of device 0.
int64_t gpu_bytes_in_use() {
  const dmt::cuda::Kernels& kernels = dmt::cuda::load_kernels();
  int64_t free = 0, total = 0;
  if (kernels.set_device(0) != DMT_CUDA_OK || kernels.memory_info(&free, &total) != DMT_CUDA_OK)
    throw std::runtime_error(dmt::gpu_report());
  return total - free;
}

/// The peer's mfu_989 (peer_speed.py): products of all weights but the embedding's, causal attention, forward
/// and backward, over 989 TFLOP/s.
double mfu_989(const dmt::Engine& engine, double tokens, int32_t seq, double seconds) {
  const dmt::ModelConfig model = engine.model_config();
  const double embedding = static_cast<double>(model.vocab_size) * model.hidden_size;
  const double dense = static_cast<double>(engine.parameter_count()) - embedding;
  const double attention = static_cast<double>(model.layers) * seq * model.hidden_size;
  return 6 * tokens * (dense + attention) / seconds / 989e12;
}

std::string gpu_fields(const dmt::Engine& engine, const Options& options, int64_t used_before, double tokens,
                       double step) {
  if (options.device == "cpu") return "";
  const dmt::MemoryAccount a = engine.memory_account();
  const int64_t accounted =
      a.weights + a.master_weights + a.gradients + a.optimizer_states + a.buffers + a.activations_peak;
  char text[160];
  const int written = std::snprintf(text, sizeof(text), ", \"peak_gpu_mb\": %lld, \"accounted_gpu_mb\": %lld",
                                    static_cast<long long>((gpu_bytes_in_use() - used_before) >> 20),
                                    static_cast<long long>(accounted >> 20));
  if (options.mode == "train")
    std::snprintf(text + written, sizeof(text) - static_cast<size_t>(written), ", \"mfu_989\": %.4f",
                  mfu_989(engine, tokens, options.seq, step));
  return text;
}

int run(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const int64_t gpu_bytes_before = options.device == "cpu" ? 0 : gpu_bytes_in_use();
  dmt::Engine engine(preset(options.preset, options.seq), 0, engine_config(options));
  std::vector<double> times = options.mode == "train" ? train(engine, options) : generate(engine, options);
  if (times.empty()) throw std::runtime_error("--steps is too small: nothing was timed");
  std::sort(times.begin(), times.end());
  const double step = times[times.size() / 2];
  const double tokens = options.mode == "train" ? static_cast<double>(options.batch) * options.seq
                                                : static_cast<double>(options.batch) * options.new_tokens;
  std::printf(
      "{\"mode\": \"%s\", \"preset\": \"%s\", \"device\": \"%s\", \"dtype\": \"%s\", \"batch\": %d, "
      "\"seq\": %d, \"threads\": %d, \"torch\": \"%s\", \"params\": %lld, \"step_ms\": %.2f, "
      "\"tokens_per_s\": %.1f, \"peak_rss_mb\": %lld, \"recompute\": \"%s\", "
      "\"optimizer_states\": \"%s\", \"gradients\": \"%s\"%s}\n",
      options.mode.c_str(), options.preset.c_str(), options.device.c_str(), options.dtype.c_str(),
      options.batch, options.seq, dmt::thread_count(), dmt::torch_version().c_str(),
      static_cast<long long>(engine.parameter_count()), step * 1e3, tokens / step,
      static_cast<long long>(peak_rss_mb()), options.recompute.c_str(), options.optimizer_states.c_str(),
      options.gradients.c_str(), gpu_fields(engine, options, gpu_bytes_before, tokens, step).c_str());
  return 0;
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
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dmt_bench: %s\n", error.what());
    return 1;
  }
}
