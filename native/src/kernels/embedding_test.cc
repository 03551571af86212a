#include "kernels/embedding.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::embedding_test {
namespace {

struct Shape {
  int64_t V, N, C;
};
// Twice as many rows as the table has, so that most occur more than once; the last is large enough for
// threads.
const Shape kShapes[] = {{1, 1, 1}, {1, 3, 1}, {3, 1, 5}, {7, 15, 33}, {50, 700, 64}};

template <typename TData>
class GatherRows : public testing::Test {};
TYPED_TEST_SUITE(GatherRows, ElementTypes, ElementNames);

TYPED_TEST(GatherRows, CopiesRowsBitForBit) {
  for (const auto [V, N, C] : kShapes) {
    const auto table = random_normal<TypeParam>(V * C, 1);
    const auto rows = random_integers(N, 2, static_cast<int32_t>(V));
    for (const int threads : {1, 3}) {
      const ThreadCountScope scope(threads);
      auto out = poisoned<TypeParam>(N * C);
      gather_rows(out.data(), table.data(), rows.data(), N, C);
      for (int64_t n = 0; n < N; ++n) {
        const auto row = table.begin() + rows[static_cast<size_t>(n)] * C;
        EXPECT_TRUE(identical(std::vector<TypeParam>(out.begin() + n * C, out.begin() + (n + 1) * C),
                              std::vector<TypeParam>(row, row + C)))
            << "row " << n << " of " << N;
      }
    }
  }
}

template <typename TTable, typename TData>
struct Types {
  using Table = TTable;
  using Data = TData;
};

template <typename T>
class ScatterAddRows : public testing::Test {};
using ScatterTypes = testing::Types<Types<float, float>, Types<float, Bf16>, Types<Bf16, Bf16>>;
struct ScatterNames {
  template <typename T>
  static std::string GetName(int i) {
    return ElementNames::GetName<typename T::Table>(i) + "From" + ElementNames::GetName<typename T::Data>(i);
  }
};
TYPED_TEST_SUITE(ScatterAddRows, ScatterTypes, ScatterNames);

// Exact: additions in the order of the rows, each rounded to the table's type.
TYPED_TEST(ScatterAddRows, AddsInOrderWhateverTheNumberOfThreads) {
  using Table = typename TypeParam::Table;
  using Data = typename TypeParam::Data;
  for (const auto [V, N, C] : kShapes) {
    const auto x = random_normal<Data>(N * C, 1);
    const auto rows = random_integers(N, 2, static_cast<int32_t>(V));
    const auto before = random_normal<Table>(V * C, 3);
    auto expected = before;
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t c = 0; c < C; ++c) {
        Table& sum = expected[static_cast<size_t>(rows[static_cast<size_t>(n)] * C + c)];
        store(sum, to_float(sum) + to_float(x[static_cast<size_t>(n * C + c)]));
      }
    }
    for (const int threads : {1, 2, 3, 5}) {
      const ThreadCountScope scope(threads);
      auto table = before;
      scatter_add_rows(table.data(), x.data(), rows.data(), N, C);
      EXPECT_TRUE(identical(table, expected)) << threads << " threads, N = " << N << ", C = " << C;
    }
  }
}

}  // namespace
}  // namespace dmt::kernels::embedding_test
