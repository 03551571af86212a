#include "cuda/embedding.h"

#include "cuda/test_backend.h"
#include "kernels/embedding.h"

namespace dmt::cuda::embedding_test {
namespace {

struct Shape {
  int64_t vocabulary, tokens, columns;
  int64_t offset = 0;
};
// Most tokens more than once; columns of whole packs and not; more columns than a block takes at once.
const Shape kShapes[] = {{1, 1, 1},     {1, 3, 1},       {3, 1, 5},    {7, 15, 33},
                         {50, 700, 64}, {50, 70, 64, 1}, {9, 20, 1032}};

TEST(EmbeddingRuns, GroupsPositionsByTokenInTheirOrder) {
  const std::vector<int32_t> tokens = {5, 2, 5, 9, 2, 5};
  const EmbeddingRuns runs(tokens.data(), 6);
  EXPECT_EQ(runs.order, (std::vector<int32_t>{1, 4, 0, 2, 5, 3}));
  EXPECT_EQ(runs.begins, (std::vector<int32_t>{0, 2, 5, 6}));
  EXPECT_EQ(runs.tokens, (std::vector<int32_t>{2, 5, 9}));
  EXPECT_EQ(EmbeddingRuns(nullptr, 0).begins, std::vector<int32_t>{0});
}

template <typename T>
class CudaEmbedding : public testing::Test {};
TYPED_TEST_SUITE(CudaEmbedding, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaEmbedding, GathersRowsBitForBit) {
  using T = TypeParam;
  for (const auto [vocabulary, tokens, columns, offset] : kShapes) {
    const auto table = random_normal<T>(vocabulary * columns, 1);
    const auto rows = random_integers(tokens, 2, static_cast<int32_t>(vocabulary));
    auto expected = poisoned<T>(tokens * columns);
    kernels::gather_rows(expected.data(), table.data(), rows.data(), tokens, columns);
    const Array<T> from(table, offset), out(poisoned<T>(tokens * columns), offset);
    const Array<int32_t> at(rows);
    const DmtGatherRows op = {out.data(), from.data(), at.data(), tokens, columns, kDType<T>};
    DMT_RUN(gather_rows, op);
    EXPECT_TRUE(identical(out.values(), expected)) << tokens << " x " << columns;
  }
}

template <typename TTable, typename T>
void expect_backward(Shape s) {
  SCOPED_TRACE(testing::Message() << s.tokens << " tokens x " << s.columns << ", offset " << s.offset);
  const auto dout = random_normal<T>(s.tokens * s.columns, 1);
  const auto tokens = random_integers(s.tokens, 2, static_cast<int32_t>(s.vocabulary));
  const auto before = random_normal<TTable>(s.vocabulary * s.columns, 3);
  std::vector<double> expected = doubles(before);
  for (size_t i = 0; i < dout.size(); ++i) {
    const size_t columns = static_cast<size_t>(s.columns), row = static_cast<size_t>(tokens[i / columns]);
    expected[row * columns + i % columns] += static_cast<double>(to_float(dout[i]));
  }
  const EmbeddingRuns runs(tokens.data(), s.tokens);
  const Array<TTable> table(before, s.offset);
  const Array<T> gradient(dout, s.offset);
  const Array<int32_t> order(runs.order), begins(runs.begins), of(runs.tokens);
  const DmtEmbeddingBackward op = {table.data(),  gradient.data(), order.data(),
                                   begins.data(), of.data(),       static_cast<int64_t>(runs.tokens.size()),
                                   s.columns,     kDType<TTable>,  kDType<T>};
  DMT_RUN(embedding_backward, op);
  // Sums of some 14 terms in float32, then one rounding, also of rows that no token names: they stay.
  EXPECT_TRUE(close(doubles(table.values()), expected, {5e-6, 1e-6 + kEpsilon<TTable>}));
}

TYPED_TEST(CudaEmbedding, BackwardAddsEveryPositionOnce) {
  for (const Shape s : kShapes) {
    expect_backward<float, TypeParam>(s);
    expect_backward<Bf16, TypeParam>(s);
  }
}

}  // namespace
}  // namespace dmt::cuda::embedding_test
