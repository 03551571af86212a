#include "kernels/attention.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::attention_test {
namespace {

struct Heads {
  int64_t query, key_value, dim;
};

// Lengths around the tile of 64 rows, and 1.
const std::vector<int32_t> kLengths = {1, 63, 64, 65, 130};

struct Documents {
  Documents(Heads heads, const std::vector<int32_t>& lengths) : offsets{0} {
    for (const int32_t length : lengths) offsets.push_back(offsets.back() + length);
    shape = {heads.query,   heads.key_value, heads.dim, offsets.back(), static_cast<int64_t>(lengths.size()),
             offsets.data()};
  }
  Documents(const Documents&) = delete;
  std::vector<int32_t> offsets;
  AttentionShape shape{};
};

/// Where element d of a head lies in qkv: queries, keys and values in turn.
size_t at(const AttentionShape& s, int64_t token, int64_t head, int64_t d) {
  return static_cast<size_t>(token * s.row() + head * s.head_dim + d);
}

size_t out_at(const AttentionShape& s, int64_t token, int64_t head, int64_t d) {
  return static_cast<size_t>((token * s.heads + head) * s.head_dim + d);
}

/// Probabilities of one query over the keys of its document up to itself, and their log-sum-exp.
std::vector<double> probabilities(const std::vector<double>& qkv, const AttentionShape& s, int64_t begin,
                                  int64_t token, int64_t head, double* log_sum_exp) {
  const int64_t key_head = s.heads + head / (s.heads / s.kv_heads);
  std::vector<double> p;
  double max = -INFINITY, sum = 0.0;
  for (int64_t n = begin; n <= token; ++n) {
    double score = 0.0;
    for (int64_t d = 0; d < s.head_dim; ++d) score += qkv[at(s, token, head, d)] * qkv[at(s, n, key_head, d)];
    p.push_back(score / std::sqrt(static_cast<double>(s.head_dim)));
    max = std::max(max, p.back());
  }
  for (const double score : p) sum += std::exp(score - max);
  for (double& score : p) score = std::exp(score - max) / sum;
  *log_sum_exp = max + std::log(sum);
  return p;
}

struct Reference {
  std::vector<double> out, log_sum_exp;
};

template <typename F>
void for_each_query(const AttentionShape& s, const F& f) {
  for (int64_t document = 0; document < s.documents; ++document) {
    for (int64_t t = s.document_offsets[document]; t < s.document_offsets[document + 1]; ++t) {
      for (int64_t head = 0; head < s.heads; ++head) f(s.document_offsets[document], t, head);
    }
  }
}

Reference forward_reference(const std::vector<double>& qkv, const AttentionShape& s) {
  Reference r{std::vector<double>(static_cast<size_t>(s.tokens * s.heads * s.head_dim)),
              std::vector<double>(static_cast<size_t>(s.heads * s.tokens))};
  for_each_query(s, [&](int64_t begin, int64_t t, int64_t head) {
    const int64_t value_head = s.heads + s.kv_heads + head / (s.heads / s.kv_heads);
    const auto p =
        probabilities(qkv, s, begin, t, head, &r.log_sum_exp[static_cast<size_t>(head * s.tokens + t)]);
    for (int64_t n = begin; n <= t; ++n) {
      for (int64_t d = 0; d < s.head_dim; ++d) {
        r.out[out_at(s, t, head, d)] += p[static_cast<size_t>(n - begin)] * qkv[at(s, n, value_head, d)];
      }
    }
  });
  return r;
}

/// From the output that the kernel is given, so that its rounding is no error of the backward pass.
std::vector<double> backward_reference(const std::vector<double>& dout, const std::vector<double>& out,
                                       const std::vector<double>& qkv, const AttentionShape& s) {
  std::vector<double> dqkv(qkv.size());
  const double scale = 1.0 / std::sqrt(static_cast<double>(s.head_dim));
  for_each_query(s, [&](int64_t begin, int64_t t, int64_t head) {
    const int64_t key_head = s.heads + head / (s.heads / s.kv_heads), value_head = key_head + s.kv_heads;
    double ignored = 0.0, delta = 0.0;
    const auto p = probabilities(qkv, s, begin, t, head, &ignored);
    for (int64_t d = 0; d < s.head_dim; ++d)
      delta += dout[out_at(s, t, head, d)] * out[out_at(s, t, head, d)];
    for (int64_t n = begin; n <= t; ++n) {
      double dp = 0.0;
      for (int64_t d = 0; d < s.head_dim; ++d)
        dp += dout[out_at(s, t, head, d)] * qkv[at(s, n, value_head, d)];
      const double pn = p[static_cast<size_t>(n - begin)], dscore = pn * (dp - delta) * scale;
      for (int64_t d = 0; d < s.head_dim; ++d) {
        dqkv[at(s, t, head, d)] += dscore * qkv[at(s, n, key_head, d)];
        dqkv[at(s, n, key_head, d)] += dscore * qkv[at(s, t, head, d)];
        dqkv[at(s, n, value_head, d)] += pn * dout[out_at(s, t, head, d)];
      }
    }
  });
  return dqkv;
}

template <typename TData>
struct Pass {
  Pass(const AttentionShape& s, const std::vector<TData>& qkv_TE, const std::vector<TData>& dout_TA)
      : qkv(qkv_TE),
        dout(dout_TA),
        out(poisoned<TData>(s.tokens * s.heads * s.head_dim)),
        dqkv(poisoned<TData>(s.tokens * s.row())),
        log_sum_exp(poisoned<float>(s.heads * s.tokens)) {
    attention_forward(out.data(), log_sum_exp.data(), qkv.data(), s);
    attention_backward(dqkv.data(), dout.data(), out.data(), log_sum_exp.data(), qkv.data(), s);
  }
  explicit Pass(const AttentionShape& s)
      : Pass(s, random_normal<TData>(s.tokens * s.row(), 1),
             random_normal<TData>(s.tokens * s.heads * s.head_dim, 2)) {}
  std::vector<TData> qkv, dout, out, dqkv;
  std::vector<float> log_sum_exp;
};

const Heads kHeads[] = {{1, 1, 2}, {3, 3, 10}, {6, 2, 6}, {4, 1, 16}};

template <typename TData>
class Attention : public testing::Test {};
TYPED_TEST_SUITE(Attention, ElementTypes, ElementNames);

TYPED_TEST(Attention, ForwardAndBackwardMatchTheReference) {
  for (const Heads heads : kHeads) {
    for (const auto& lengths : {std::vector<int32_t>{1}, {2, 1, 3}, kLengths}) {
      SCOPED_TRACE(testing::Message() << heads.query << " and " << heads.key_value << " heads of "
                                      << heads.dim << ", " << lengths.size() << " documents");
      const Documents documents(heads, lengths);
      const AttentionShape& s = documents.shape;
      const Pass<TypeParam> pass(s);
      const Reference expected = forward_reference(doubles(pass.qkv), s);
      // float32 sums of up to 130 terms of size 1, then one rounding to the element type.
      EXPECT_TRUE(close(doubles(pass.out), expected.out, {2e-6, 2e-6 + kEpsilon<TypeParam>}));
      EXPECT_TRUE(close(pass.log_sum_exp, expected.log_sum_exp, {2e-6, 1e-6}));
      // Gradients of keys and values add up over the later queries and the group's heads.
      EXPECT_TRUE(close(doubles(pass.dqkv),
                        backward_reference(doubles(pass.dout), doubles(pass.out), doubles(pass.qkv), s),
                        {2e-5, 1e-5 + kEpsilon<TypeParam>}));
    }
  }
}

TYPED_TEST(Attention, LargeScoresPickOneKey) {
  const Documents documents({1, 1, 2}, {3});
  // Scores of +-1e6: the exponential of all but the largest is nothing.
  const auto qkv =
      rounded<TypeParam>({1e3f, 0, 1e3f, 0, 1, 2, /**/ 1e3f, 0, -1e3f, 0, 3, 4, /**/ 1e3f, 0, 0, 0, 5, 6});
  const Pass<TypeParam> pass(documents.shape, qkv, rounded<TypeParam>(std::vector<float>(6, 1.0f)));
  EXPECT_TRUE(close(doubles(pass.out), std::vector<double>{1, 2, 1, 2, 1, 2}, {1e-6, 0}));
  for (const double gradient : doubles(pass.dqkv)) EXPECT_TRUE(std::isfinite(gradient));
}

template <typename T>
std::vector<T> part(const std::vector<T>& all, int64_t begin, int64_t end) {
  return {all.begin() + begin, all.begin() + end};
}

TYPED_TEST(Attention, ADocumentsBitsDoNotDependOnItsNeighbours) {
  const Heads heads{4, 2, 10};
  for (const int32_t length : kLengths) {
    SCOPED_TRACE(testing::Message() << "document of " << length);
    const Documents alone(heads, {length});
    const AttentionShape& a = alone.shape;
    const int64_t A = heads.query * heads.dim, E = a.row();
    const Pass<TypeParam> expected(a);
    for (const auto& [before, after] : {std::pair{1, 7}, {30, 130}, {130, 1}, {65, 64}}) {
      const Documents packed(heads, {before, length, after});
      const AttentionShape& p = packed.shape;
      auto qkv = random_normal<TypeParam>(p.tokens * E, 10 + static_cast<uint64_t>(before), 2.0f);
      auto dout = random_normal<TypeParam>(p.tokens * A, 20, 2.0f);
      std::copy(expected.qkv.begin(), expected.qkv.end(), qkv.begin() + before * E);
      std::copy(expected.dout.begin(), expected.dout.end(), dout.begin() + before * A);
      const Pass<TypeParam> pass(p, qkv, dout);
      EXPECT_TRUE(identical(part(pass.out, before * A, (before + length) * A), expected.out)) << before;
      EXPECT_TRUE(identical(part(pass.dqkv, before * E, (before + length) * E), expected.dqkv)) << before;
      for (int64_t head = 0; head < heads.query; ++head) {
        const int64_t first = head * p.tokens + before;
        EXPECT_TRUE(identical(part(pass.log_sum_exp, first, first + length),
                              part(expected.log_sum_exp, head * length, (head + 1) * length)));
      }
    }
  }
}

TYPED_TEST(Attention, ANanStaysInItsDocument) {
  const Documents documents({2, 1, 4}, {5, 3, 70});
  const AttentionShape& s = documents.shape;
  auto qkv = random_normal<TypeParam>(s.tokens * s.row(), 1);
  for (int64_t i = 5 * s.row(); i < 8 * s.row(); ++i) {
    store(qkv[static_cast<size_t>(i)], std::numeric_limits<float>::quiet_NaN());
  }
  const Pass<TypeParam> pass(s, qkv, random_normal<TypeParam>(s.tokens * 8, 2));
  const std::vector<double> dqkv = doubles(pass.dqkv);
  for (int64_t i = 0; i < s.tokens * s.row(); ++i) {
    const int64_t token = i / s.row();
    EXPECT_EQ(std::isnan(dqkv[static_cast<size_t>(i)]), token >= 5 && token < 8) << "token " << token;
  }
}

TYPED_TEST(Attention, TheBitsDoNotDependOnTheNumberOfThreads) {
  const Documents documents({4, 2, 10}, kLengths);
  const auto run = [&](int threads) {
    const ThreadCountScope scope(threads);
    return Pass<TypeParam>(documents.shape);
  };
  const auto one = run(1), two = run(2), three = run(3);
  for (const auto* other : {&two, &three}) {
    EXPECT_TRUE(identical(other->out, one.out));
    EXPECT_TRUE(identical(other->dqkv, one.dqkv));
  }
}

TEST(AttentionGradient, IsTheDerivativeOfTheForwardPass) {
  const Documents documents({2, 1, 4}, {4, 1});
  const AttentionShape& s = documents.shape;
  const Pass<float> pass(s);
  const std::vector<double> qkv = doubles(pass.qkv), dout = doubles(pass.dout);
  const auto f = [&](const std::vector<double>& x) { return dot(dout, forward_reference(x, s).out); };
  for (size_t i = 0; i < qkv.size(); ++i) EXPECT_NEAR(pass.dqkv[i], numeric_derivative(f, qkv, i), 1e-5) << i;
}

}  // namespace
}  // namespace dmt::kernels::attention_test
