// Bytes per second of every kernel at the shapes of a 7B model, next to a copy measured in turn with it. One
// JSON object; the bytes are those that must move: each array read or written once.
//
// cuda_kernel_bench [--tokens T] [--hidden C] [--ffn F] [--vocabulary V] [--parameters N] [--repeats R]
//                   [--slots S] [--context P]    of decoding: requests at once, positions of each
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/dmt_cuda.h"
#include "cuda/embedding.h"

namespace {

void check(cudaError_t error, const char* call) {
  if (error != cudaSuccess) throw std::runtime_error(std::string(call) + ": " + cudaGetErrorString(error));
}
#define CHECK(call) check(call, #call)

void check_op(int32_t status) {
  if (status != DMT_CUDA_OK) throw std::runtime_error(dmt_cuda_last_error());
}

struct Options {
  int64_t tokens = 8192, hidden = 4096, ffn = 11008, vocabulary = 32000, parameters = 202'383'360,
          repeats = 30, slots = 128, context = 2048;
};

Options parse(int argc, char** argv) {
  Options options;
  const std::map<std::string, int64_t*> numbers = {{"--tokens", &options.tokens},
                                                   {"--hidden", &options.hidden},
                                                   {"--ffn", &options.ffn},
                                                   {"--vocabulary", &options.vocabulary},
                                                   {"--parameters", &options.parameters},
                                                   {"--repeats", &options.repeats},
                                                   {"--slots", &options.slots},
                                                   {"--context", &options.context}};
  for (int i = 1; i < argc; i += 2) {
    const auto found = numbers.find(argv[i]);
    if (found == numbers.end() || i + 1 == argc)
      throw std::runtime_error(std::string("unknown option or no value: ") + argv[i] + "; see cuda_bench.cc");
    *found->second = std::stoll(argv[i + 1]);
    if (*found->second < 1) throw std::runtime_error(std::string(argv[i]) + " must be at least 1");
  }
  return options;
}

/// Device memory with random bytes that are finite numbers near 1 in either type: never time on zeros.
class Memory {
 public:
  explicit Memory(int64_t bytes) {
    CHECK(cudaMalloc(&data_, static_cast<size_t>(bytes)));
    std::mt19937 generator(7);
    std::vector<uint16_t> part(1 << 20);
    for (uint16_t& value : part) value = static_cast<uint16_t>(0x3F00u | (generator() & 0x80FFu));
    for (int64_t at = 0; at < bytes; at += static_cast<int64_t>(part.size() * 2)) {
      const auto size =
          static_cast<size_t>(std::min<int64_t>(bytes - at, static_cast<int64_t>(part.size() * 2)));
      CHECK(cudaMemcpy(static_cast<char*>(data_) + at, part.data(), size, cudaMemcpyHostToDevice));
    }
  }
  template <typename T>
  explicit Memory(const std::vector<T>& values) {
    CHECK(cudaMalloc(&data_, values.size() * sizeof(T)));
    CHECK(cudaMemcpy(data_, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  }
  ~Memory() { cudaFree(data_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  template <typename T = void>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

class Timer {
 public:
  Timer() {
    CHECK(cudaEventCreate(&begin_));
    CHECK(cudaEventCreate(&end_));
  }
  ~Timer() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  double microseconds(const std::function<void()>& work) {
    CHECK(cudaEventRecord(begin_, nullptr));
    work();
    CHECK(cudaEventRecord(end_, nullptr));
    CHECK(cudaEventSynchronize(end_));
    float milliseconds = 0.0f;
    CHECK(cudaEventElapsedTime(&milliseconds, begin_, end_));
    return static_cast<double>(milliseconds) * 1e3;
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<int64_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), copy_from_(kCopyBytes), copy_to_(kCopyBytes), rows_(std::string()) {}

  /// Kernel and copy in turn, after three runs of each that do not count.
  void measure(const std::string& name, int64_t bytes, const std::function<void()>& work) {
    const auto copy = [&] {
      CHECK(cudaMemcpyAsync(copy_to_.as(), copy_from_.as(), kCopyBytes, cudaMemcpyDeviceToDevice, nullptr));
    };
    std::vector<double> ours, copies;
    for (int64_t i = -3; i < options_.repeats; ++i) {
      const double time = timer_.microseconds(work), copy_time = timer_.microseconds(copy);
      if (i < 0) continue;
      ours.push_back(time);
      copies.push_back(copy_time);
    }
    const double rate = static_cast<double>(bytes) / median(ours) * 1e-3;
    const double copy_rate = 2.0 * kCopyBytes / median(copies) * 1e-3;
    char row[320];
    std::snprintf(row, sizeof(row),
                  "%s\n  {\"kernel\": \"%s\", \"us\": %.1f, \"gb_per_s\": %.0f, \"copy_gb_per_s\": %.0f, "
                  "\"share_of_copy\": %.3f}",
                  rows_.empty() ? "" : ",", name.c_str(), median(ours), rate, copy_rate, rate / copy_rate);
    rows_ += row;
  }
  const std::string& rows() const { return rows_; }

 private:
  static constexpr int64_t kCopyBytes = int64_t{1} << 29;  // far more than any cache
  Options options_;
  Timer timer_;
  Memory copy_from_, copy_to_;
  std::string rows_;
};

void bench_norm(Bench& bench, const Options& o) {
  const int64_t elements = o.tokens * o.hidden;
  const Memory out(elements * 2), sum(elements * 2), x(elements * 2), delta(elements * 2),
      weight(o.hidden * 2), rstd(o.tokens * 4), dweight(o.hidden * 4),
      workspace(dmt_cuda_rms_norm_workspace(o.tokens, o.hidden) * 4);
  DmtRmsNormForward forward = {out.as(),    rstd.as<float>(), sum.as(), x.as(), delta.as(),
                               weight.as(), o.tokens,         o.hidden, 1e-5f,  DMT_BFLOAT16};
  bench.measure("rms_norm_forward with residual", elements * 8,
                [&] { check_op(dmt_cuda_rms_norm_forward(&forward, nullptr)); });
  forward.delta = nullptr;
  bench.measure("rms_norm_forward", elements * 4,
                [&] { check_op(dmt_cuda_rms_norm_forward(&forward, nullptr)); });
  const DmtRmsNormBackward backward = {
      sum.as(), dweight.as(), delta.as(),   x.as(),     rstd.as<float>(), weight.as(), workspace.as<float>(),
      o.tokens, o.hidden,     DMT_BFLOAT16, DMT_FLOAT32};
  bench.measure("rms_norm_backward", elements * 8,
                [&] { check_op(dmt_cuda_rms_norm_backward(&backward, nullptr)); });
}

void bench_rotary(Bench& bench, const Options& o) {
  constexpr int32_t kHeadDim = 128, kContext = 2048;
  std::vector<int32_t> at(static_cast<size_t>(o.tokens));
  for (size_t i = 0; i < at.size(); ++i) at[i] = static_cast<int32_t>(i % kContext);
  const Memory qkv(o.tokens * o.hidden * 6), positions(at), cos(kContext * kHeadDim * 2),
      sin(kContext * kHeadDim * 2);
  const DmtRotary op = {qkv.as(),
                        positions.as<int32_t>(),
                        cos.as<float>(),
                        sin.as<float>(),
                        o.tokens,
                        o.hidden * 3,
                        static_cast<int32_t>(o.hidden / kHeadDim * 2),
                        kHeadDim,
                        1.0f,
                        DMT_BFLOAT16};
  bench.measure("rotary", o.tokens * o.hidden * 8, [&] { check_op(dmt_cuda_rotary(&op, nullptr)); });
}

void bench_swiglu(Bench& bench, const Options& o) {
  const int64_t elements = o.tokens * o.ffn;
  const Memory out(elements * 2), gate_up(elements * 4);
  const DmtSwiglu op = {out.as(), gate_up.as(), o.tokens, o.ffn, DMT_BFLOAT16};
  bench.measure("swiglu_forward", elements * 6, [&] { check_op(dmt_cuda_swiglu_forward(&op, nullptr)); });
  bench.measure("swiglu_backward", elements * 10, [&] { check_op(dmt_cuda_swiglu_backward(&op, nullptr)); });
}

void bench_loss(Bench& bench, const Options& o) {
  const Memory logits(o.tokens * o.vocabulary * 2), losses(o.tokens * 4),
      labels(std::vector<int32_t>(static_cast<size_t>(o.tokens), 5));
  const DmtCrossEntropy op = {losses.as<float>(), logits.as(), labels.as<int32_t>(), o.tokens,
                              o.vocabulary,       1.0f,        DMT_BFLOAT16,         0};
  bench.measure("cross_entropy with gradient", o.tokens * o.vocabulary * 4,
                [&] { check_op(dmt_cuda_cross_entropy(&op, nullptr)); });
}

void bench_embedding(Bench& bench, const Options& o) {
  std::mt19937 generator(3);
  std::uniform_int_distribution<int32_t> uniform(0, static_cast<int32_t>(o.vocabulary - 1));
  std::vector<int32_t> tokens(static_cast<size_t>(o.tokens));
  for (int32_t& token : tokens) token = uniform(generator);
  const dmt::cuda::EmbeddingRuns runs(tokens.data(), o.tokens);
  const Memory table(o.vocabulary * o.hidden * 4), dout(o.tokens * o.hidden * 2), order(runs.order),
      begins(runs.begins), of(runs.tokens);
  const auto run_count = static_cast<int64_t>(runs.tokens.size());
  const DmtEmbeddingBackward op = {
      table.as(), dout.as(), order.as<int32_t>(), begins.as<int32_t>(), of.as<int32_t>(),
      run_count,  o.hidden,  DMT_FLOAT32,         DMT_BFLOAT16};
  bench.measure("embedding_backward, tokens at random", o.tokens * o.hidden * 2 + run_count * o.hidden * 8,
                [&] { check_op(dmt_cuda_embedding_backward(&op, nullptr)); });
}

void bench_optimizer(Bench& bench, const Options& o) {
  const int64_t n = o.parameters;
  const Memory master(n * 4), weights(n * 2), remainder(n * 2), m(n * 4), v(n * 4), gradient(n * 4), sum(8),
      workspace(DMT_SUM_WORKSPACE * 8);
  DmtAdamW op = {};
  op.master = master.as<float>();
  op.weights = weights.as();
  op.remainder = remainder.as<uint16_t>();
  op.first_moment = m.as();
  op.second_moment = v.as();
  op.gradient = gradient.as();
  op.count = n;
  op.learning_rate = 1e-5f;
  op.beta1 = 0.9f;
  op.beta2 = 0.95f;
  op.epsilon = 1e-8f;
  op.one_minus_beta1 = 0.1f;
  op.one_minus_beta2 = 0.05f;
  op.bias_correction1 = op.bias_correction2 = op.gradient_scale = 1.0f;
  const auto step = [&] { check_op(dmt_cuda_adamw(&op, nullptr)); };
  op.gradient_dtype = DMT_FLOAT32;
  bench.measure("adamw, float32 master and moments", n * 30, step);
  op.gradient_dtype = DMT_BFLOAT16;
  op.moment_dtype = DMT_BFLOAT16;
  op.master_kind = DMT_MASTER_SPLIT;
  bench.measure("adamw, split master, bfloat16 moments", n * 18, step);
  op.master_kind = DMT_MASTER_STOCHASTIC;
  bench.measure("adamw, stochastic rounding, bfloat16 moments", n * 14, step);
  const DmtSumOfSquares squares = {sum.as<double>(), workspace.as<double>(), gradient.as(), n, DMT_BFLOAT16};
  bench.measure("sum_of_squares", n * 2, [&] { check_op(dmt_cuda_sum_of_squares(&squares, nullptr)); });
  const DmtCast cast = {weights.as(), master.as(), n, DMT_BFLOAT16, DMT_FLOAT32};
  bench.measure("cast to bfloat16", n * 6, [&] { check_op(dmt_cuda_cast(&cast, nullptr)); });
}

/// @param group query heads that share a key head
void bench_attention(Bench& bench, const Options& o, int32_t group) {
  constexpr int32_t kHeadDim = 128;
  const auto heads = static_cast<int32_t>(o.hidden / kHeadDim), kv_heads = heads / group;
  const int64_t row_stride = (heads + 2 * int64_t{kv_heads}) * kHeadDim;
  const int64_t cache_bytes = o.slots * kv_heads * o.context * kHeadDim * 2;
  const Memory out(o.slots * o.hidden * 2), qkv(o.slots * row_stride * 2), keys(cache_bytes),
      values(cache_bytes), workspace(dmt_cuda_decode_workspace(o.slots, heads, kHeadDim, o.context) * 4);
  const std::string shape = std::to_string(heads) + " heads, " + std::to_string(kv_heads) + " of keys, " +
                            std::to_string(o.slots) + " slots of ";
  for (const int64_t length : {o.context, o.context / 8}) {
    const Memory lengths(std::vector<int32_t>(static_cast<size_t>(o.slots), static_cast<int32_t>(length)));
    const DmtDecodeAttention op = {out.as(),
                                   qkv.as(),
                                   keys.as(),
                                   values.as(),
                                   lengths.as<int32_t>(),
                                   workspace.as<float>(),
                                   o.slots,
                                   o.context,
                                   row_stride,
                                   o.context,
                                   heads,
                                   kv_heads,
                                   kHeadDim,
                                   0.088f,
                                   DMT_BFLOAT16};
    bench.measure("decode_attention, " + shape + std::to_string(length), 2 * cache_bytes * length / o.context,
                  [&] { check_op(dmt_cuda_decode_attention(&op, nullptr)); });
  }
  const Memory lengths(std::vector<int32_t>(static_cast<size_t>(o.slots), static_cast<int32_t>(o.context)));
  const DmtCacheWrite write = {keys.as(), values.as(), qkv.as(),    lengths.as<int32_t>(),
                               o.slots,   o.context,   row_stride,  heads,
                               kv_heads,  kHeadDim,    DMT_BFLOAT16};
  bench.measure("cache_write, " + shape + std::to_string(o.context), o.slots * kv_heads * kHeadDim * 8,
                [&] { check_op(dmt_cuda_cache_write(&write, nullptr)); });
}

/// @param temperature 0: greedy, which reads logits once and no more
void bench_sample(Bench& bench, const Options& o, double temperature) {
  const Memory logits(o.slots * o.vocabulary * 2), tokens(o.slots * 4), shares(o.slots * o.vocabulary * 8);
  const Memory choices(std::vector<DmtChoice>(
      static_cast<size_t>(o.slots),
      {.temperature = temperature, .top_p = 0.9, .random = uint64_t{1} << 63, .open = 1}));
  const DmtSample op = {.tokens = tokens.as<int32_t>(),
                        .logits = logits.as(),
                        .choices = choices.as<DmtChoice>(),
                        .workspace = shares.as<uint64_t>(),
                        .rows = o.slots,
                        .vocabulary = o.vocabulary,
                        .row_stride = o.vocabulary,
                        .dtype = DMT_BFLOAT16};
  bench.measure(temperature > 0.0 ? "sample, nucleus" : "sample, greedy", o.slots * o.vocabulary * 2,
                [&] { check_op(dmt_cuda_sample(&op, nullptr)); });
}

void bench_decoding(Bench& bench, const Options& o) {
  bench_attention(bench, o, 1);
  bench_attention(bench, o, 4);
  bench_sample(bench, o, 0.0);
  bench_sample(bench, o, 1.0);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    cudaDeviceProp device = {};
    CHECK(cudaGetDeviceProperties(&device, 0));
    Bench bench(options);
    bench_norm(bench, options);
    bench_rotary(bench, options);
    bench_swiglu(bench, options);
    bench_loss(bench, options);
    bench_embedding(bench, options);
    bench_optimizer(bench, options);
    bench_decoding(bench, options);
    std::printf(
        "{\"device\": \"%s\", \"tokens\": %lld, \"hidden\": %lld, \"ffn\": %lld, \"vocabulary\": %lld, "
        "\"parameters\": %lld, \"slots\": %lld, \"context\": %lld, \"kernels\": [%s\n]}\n",
        device.name, static_cast<long long>(options.tokens), static_cast<long long>(options.hidden),
        static_cast<long long>(options.ffn), static_cast<long long>(options.vocabulary),
        static_cast<long long>(options.parameters), static_cast<long long>(options.slots),
        static_cast<long long>(options.context), bench.rows().c_str());
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "cuda_kernel_bench: %s\n", e.what());
    return 1;
  }
}
