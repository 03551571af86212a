#include "dist/sharded_unit.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/expect_close.h"
#include "base/expect_error.h"
#include "dist/local_ranks.h"
#include "dist/process_group.h"

namespace dmt::sharded_unit_test {
namespace {

UnitLayout vector_of(int64_t elements) {
  UnitLayout layout("unit");
  layout.add("values", {elements});
  return layout;
}

/// Element i of the unit is i + 1.
void count_up(int64_t first, int64_t count, float* out) {
  std::iota(out, out + count, static_cast<float>(first + 1));
}

/// One rank's unit with all that it stands on.
struct RankUnit {
  RankUnit(std::unique_ptr<Collectives> axis, int64_t elements, const UnitOptions& options)
      : grid(std::move(axis), std::make_unique<SingleRank>()),
        spec(elements, grid),
        buffers{GatherBuffers(spec.padded * static_cast<int64_t>(c10::elementSize(options.compute_dtype)),
                              at::kCPU),
                GradientBuffers({spec.padded, spec.padded, spec.padded}, {}, at::kCPU)},
        unit(0, vector_of(elements), options, grid, buffers) {
    unit.initialise(count_up);
  }
  RankGrid grid;
  ShardSpec spec;
  UnitBuffers buffers;
  ShardedUnit unit;
};

struct Cut {
  int ranks;
  int64_t elements;
  WeightPlacement weights;
};
class MultirankShardedUnit : public testing::TestWithParam<Cut> {
 protected:
  /// Runs f(rank, its unit) on every rank.
  void with_units(const std::function<void(int rank, RankUnit& unit)>& f) {
    LocalNetwork network(GetParam().ranks);
    run_ranks(GetParam().ranks, [&](int rank) {
      UnitOptions options;
      options.weights = GetParam().weights;
      RankUnit unit(std::make_unique<ProcessGroup>(c10::make_intrusive<LocalBackend>(network, rank)),
                    GetParam().elements, options);
      f(rank, unit);
    });
  }
  std::vector<float> counted() const {
    std::vector<float> values(static_cast<size_t>(GetParam().elements));
    count_up(0, GetParam().elements, values.data());
    return values;
  }
  std::vector<float> first_elements(const at::Tensor& whole) const {
    return {whole.const_data_ptr<float>(), whole.const_data_ptr<float>() + GetParam().elements};
  }
};
INSTANTIATE_TEST_SUITE_P(
    Cuts, MultirankShardedUnit,
    testing::Values(Cut{2, 10, WeightPlacement::kRotating}, Cut{4, 10, WeightPlacement::kRotating},
                    Cut{4, 10, WeightPlacement::kStaying}, Cut{4, 2, WeightPlacement::kRotating},
                    Cut{4, 2, WeightPlacement::kStaying}, Cut{3, 1, WeightPlacement::kRotating}),
    [](const auto& info) {
      const bool rotating = info.param.weights == WeightPlacement::kRotating;
      return concat(info.param.ranks, "Ranks", info.param.elements, "Elements",
                    rotating ? "Rotating" : "Staying");
    });

TEST_P(MultirankShardedUnit, UnshardGivesBackWhatWasSharded) {
  with_units([&](int, RankUnit& rank) {
    for (int time = 0; time < 3; ++time) {
      EXPECT_TRUE(identical(first_elements(rank.unit.unshard()), counted()));
      EXPECT_EQ(rank.unit.state(), UnitState::kUnsharded);
      rank.unit.reshard();
    }
    EXPECT_TRUE(identical(first_elements(rank.unit.gather_float32()), counted()));
  });
}

TEST_P(MultirankShardedUnit, SlicesCoverTheUnitOnce) {
  std::vector<std::atomic<int>> owners(static_cast<size_t>(GetParam().elements));
  with_units([&](int, RankUnit& rank) {
    EXPECT_EQ(rank.unit.optimizer_shard().weights.numel(), rank.spec.owned);
    for (int64_t i = 0; i < rank.spec.owned; ++i) ++owners[static_cast<size_t>(rank.spec.begin + i)];
  });
  for (const std::atomic<int>& count : owners) EXPECT_EQ(count, 1);
}

TEST_P(MultirankShardedUnit, AnUpdateReachesAllRanks) {
  with_units([&](int, RankUnit& rank) {
    rank.unit.unshard();
    rank.unit.reshard();
    const OptimizerShard shard = rank.unit.optimizer_shard();
    shard.weights.mul_(2);
    rank.unit.weights_changed();
    std::vector<float> doubled = counted();
    for (float& value : doubled) value *= 2;
    EXPECT_TRUE(identical(first_elements(rank.unit.unshard()), doubled));
  });
}

TEST_P(MultirankShardedUnit, GradientsAddUpOverMicroBatchesAndRanks) {
  with_units([&](int rank_number, RankUnit& rank) {
    for (int micro_batch = 0; micro_batch < 3; ++micro_batch) {
      if (rank_number != 1 || micro_batch != 2)  // rank 1 has nothing in the last one
        rank.unit.gradients().narrow(0, 0, GetParam().elements).add_(rank_number + 1);
      rank.unit.reduce_gradients();
    }
    rank.unit.finish_gradients();
    const int ranks = GetParam().ranks;
    const auto expected = static_cast<float>(3 * ranks * (ranks + 1) / 2 - 2);
    const OptimizerShard shard = rank.unit.optimizer_shard();
    EXPECT_TRUE(at::all(shard.gradient == expected).item<bool>());
  });
}

TEST_P(MultirankShardedUnit, TheFirstProductReplacesWhatNobodyHasZeroed) {
  with_units([&](int rank_number, RankUnit& rank) {
    const int64_t elements = GetParam().elements;
    for (int step = 0; step < 2; ++step) {
      for (int micro_batch = 0; micro_batch < 3; ++micro_batch) {
        if (rank_number == 0 || micro_batch != 1) {  // the others have nothing in the second one
          const WeightGradient gradient = rank.unit.gradients_to_write();
          at::Tensor part = gradient.sum.narrow(0, 0, elements);
          gradient.into == SumInto::kReplace ? part.fill_(1.0f) : part.add_(1.0f);
        }
        rank.unit.reduce_gradients();
      }
      rank.unit.finish_gradients();
      const OptimizerShard shard = rank.unit.optimizer_shard();
      EXPECT_TRUE(at::all(shard.gradient == 3 + 2 * (GetParam().ranks - 1)).item<bool>()) << "step " << step;
      rank.unit.zero_gradients();
    }
    rank.unit.finish_gradients();  // a step in which nobody has added anything
    EXPECT_TRUE(at::all(rank.unit.optimizer_shard().gradient == 0).item<bool>());
  });
}

TEST(ShardedUnitTest, GradientsThatStayAreReplacedOnceAStep) {
  RankUnit rank(std::make_unique<SingleRank>(), 10, UnitOptions());
  for (int step = 0; step < 2; ++step) {
    rank.unit.zero_gradients();
    const WeightGradient first = rank.unit.gradients_to_write();
    EXPECT_EQ(first.into, SumInto::kReplace);
    first.sum.fill_(2.0f);
    EXPECT_EQ(rank.unit.gradients_to_write().into, SumInto::kAdd);
    EXPECT_TRUE(at::all(rank.unit.gradients() == 2).item<bool>());
  }
  rank.unit.zero_gradients();
  EXPECT_TRUE(at::all(rank.unit.gradients() == 0).item<bool>());
}

TEST(ShardedUnitTest, OneRankNeedsNoCopy) {
  RankUnit rank(std::make_unique<SingleRank>(), 10, UnitOptions());
  const void* weights = rank.unit.unshard().const_data_ptr();
  EXPECT_EQ(weights, rank.unit.optimizer_shard().weights.const_data_ptr());
  rank.unit.reshard();
  EXPECT_EQ(rank.unit.state(), UnitState::kUnsharded);
  EXPECT_EQ(rank.unit.gradients().const_data_ptr(), rank.unit.optimizer_shard().gradient.const_data_ptr());
}

TEST(MultirankShardedUnitTest, StatesFollowTheVerbs) {
  LocalNetwork network(2);
  run_ranks(2, [&](int rank_number) {
    RankUnit rank(std::make_unique<ProcessGroup>(c10::make_intrusive<LocalBackend>(network, rank_number)), 10,
                  UnitOptions());
    EXPECT_EQ(rank.unit.state(), UnitState::kSharded);
    rank.unit.prefetch();
    EXPECT_EQ(rank.unit.state(), UnitState::kGathering);
    rank.unit.unshard();
    EXPECT_EQ(rank.unit.state(), UnitState::kUnsharded);
    rank.unit.reshard();
    EXPECT_EQ(rank.unit.state(), UnitState::kSharded);
    EXPECT_ERROR(rank.unit.reshard(), "unit is freed, but was not gathered");
    rank.unit.prefetch();  // its buffer still holds it
    EXPECT_EQ(rank.unit.state(), UnitState::kUnsharded);
  });
}

}  // namespace
}  // namespace dmt::sharded_unit_test
