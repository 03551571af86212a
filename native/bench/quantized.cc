#include "quantized.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "kernels/blas.h"
#include "kernels/decode.h"
#include "kernels/flat.h"
#include "kernels/quantized.h"
#include "ops/typed.h"

namespace dmt::bench {
namespace {

using kernels::Bf16;
using kernels::QuantizedFormat;
using kernels::QuantizedMatrix;
using Json = nlohmann::ordered_json;

at::Tensor random_matrix(int64_t rows, int64_t columns, uint64_t seed) {
  at::Tensor matrix = at::empty({rows, columns}, at::kFloat);
  kernels::fill_normal(out<float>(matrix), 0, rows * columns, seed, 0.02f);
  return matrix;
}

/// Work with a name; measured in turn, so that what else the machine does falls on all alike.
class Rounds {
 public:
  void add(const std::string& name, std::function<void()> work) {
    works_.push_back({name, std::move(work), {}});
  }
  Json medians(int32_t repeats) {
    for (int32_t round = -1; round < repeats; ++round) {
      for (Work& work : works_) {
        const auto start = std::chrono::steady_clock::now();
        work.run();
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
        if (round >= 0) work.times.push_back(time.count());
      }
    }
    Json line;
    for (Work& work : works_) {
      const auto middle = work.times.begin() + static_cast<int64_t>(work.times.size() / 2);
      std::nth_element(work.times.begin(), middle, work.times.end());
      line[work.name] = std::round(*middle * 1000.0) / 1000.0;
    }
    return line;
  }

 private:
  struct Work {
    std::string name;
    std::function<void()> run;
    std::vector<double> times;
  };
  std::vector<Work> works_;
};

/// Packed, at a multiple of 16.
struct Packed {
  at::Tensor bytes;
  QuantizedMatrix matrix;

  Packed(QuantizedFormat format, const at::Tensor& weight)
      : bytes(at::empty({kernels::packed_bytes(format, weight.size(0), weight.size(1))}, at::kByte)),
        matrix{format, in<uint8_t>(bytes), weight.size(0), weight.size(1)} {}
};

}  // namespace

Json quantized_times(int64_t N, int64_t K, int32_t repeats) {
  const at::Tensor weight = random_matrix(N, K, 1), weight_bf16 = weight.to(at::kBFloat16);
  const at::Tensor unpacked = at::empty_like(weight), unpacked_bf16 = at::empty_like(weight_bf16);
  const Packed packed[] = {{QuantizedFormat::kInt8, weight}, {QuantizedFormat::kNf4, weight}};
  const std::string names[] = {"int8", "nf4"};
  Rounds rounds;
  for (size_t f = 0; f < 2; ++f) {
    const Packed& p = packed[f];
    rounds.add("quantize_" + names[f],
               [&] { kernels::quantize(p.matrix.format, out<uint8_t>(p.bytes), in<float>(weight), N, K); });
    rounds.add("dequantize_" + names[f] + "_float32",
               [&] { kernels::dequantize(out<float>(unpacked), p.matrix); });
    rounds.add("dequantize_" + names[f] + "_bfloat16",
               [&] { kernels::dequantize(out<Bf16>(unpacked_bf16), p.matrix); });
  }
  rounds.add("copy_float32", [&] { unpacked.copy_(weight); });
  for (const int64_t tokens : {256, 2048}) {
    const at::Tensor x = random_matrix(tokens, K, 2), y = at::empty({tokens, N}, at::kFloat);
    const at::Tensor x_bf16 = x.to(at::kBFloat16), y_bf16 = y.to(at::kBFloat16);
    const std::string behind = "_" + std::to_string(tokens) + "_tokens";
    rounds.add("product_float32" + behind, [=] {
      kernels::gemm(out<float>(y), N, {in<float>(x), K}, {in<float>(weight), K, kernels::Transpose::kYes},
                    tokens, N, K, 0.0f);
    });
    rounds.add("product_bfloat16" + behind, [=] {
      at::Tensor result = y_bf16;
      at::mm_out(result, x_bf16, weight_bf16.t());
    });
  }
  for (const int64_t M : {1, 8}) {
    const at::Tensor x = random_matrix(M, K, 3), y = at::empty({M, N}, at::kFloat);
    const std::string behind = "_" + std::to_string(M) + "_rows";
    rounds.add("row_products_float32" + behind, [=] {
      kernels::row_products(out<float>(y), in<float>(x), in<float>(weight), nullptr, M, N, K);
    });
    rounds.add("row_products_bfloat16" + behind, [=] {
      kernels::row_products(out<float>(y), in<float>(x), in<Bf16>(weight_bf16), nullptr, M, N, K);
    });
    for (size_t f = 0; f < 2; ++f) {
      const QuantizedMatrix& matrix = packed[f].matrix;
      rounds.add("row_products_" + names[f] + behind,
                 [=] { kernels::row_products(out<float>(y), in<float>(x), matrix, nullptr, M); });
    }
  }
  return rounds.medians(repeats);
}

}  // namespace dmt::bench
