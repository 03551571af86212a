#include "dist/process_group.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "base/expect_close.h"
#include "base/expect_error.h"
#include "dist/local_ranks.h"
#include "dist/simulated_group.h"
#include "test_device.h"

namespace dmt::process_group_test {
namespace {

constexpr int kRanks = 3;

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor exact = tensor.to(at::kFloat).contiguous();
  return {exact.const_data_ptr<float>(), exact.const_data_ptr<float>() + exact.numel()};
}

at::Tensor tensor_of(std::vector<float> values, at::ScalarType dtype = at::kFloat) {
  return at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kFloat).clone().to(dtype);
}

/// Runs f(rank, group) for three ranks.
void with_groups(const std::function<void(int rank, ProcessGroup& group)>& f,
                 Milliseconds timeout = std::chrono::seconds(60),
                 ReduceCollective reduce = ReduceCollective::kAllToAll) {
  LocalNetwork network(kRanks, Milliseconds(0), timeout);
  run_ranks(kRanks, [&](int rank) {
    ProcessGroup group(c10::make_intrusive<LocalBackend>(network, rank), cpu_ops(), reduce);
    f(rank, group);
  });
}

TEST(MultirankProcessGroup, AllGatherPutsShardsInTheOrderOfRanks) {
  with_groups([](int rank, ProcessGroup& group) {
    EXPECT_EQ(group.rank(), rank);
    EXPECT_EQ(group.world_size(), kRanks);
    const auto r = static_cast<float>(rank);
    at::Tensor whole = at::full({6}, NAN);
    group.all_gather(whole, tensor_of({r, r + 10}), "test").wait();
    EXPECT_TRUE(identical(values_of(whole), {0, 10, 1, 11, 2, 12}));
  });
}

TEST(MultirankProcessGroup, AllGatherWorksInPlaceAndInBFloat16) {
  with_groups([](int rank, ProcessGroup& group) {
    at::Tensor whole = at::full({3}, NAN, at::kBFloat16);
    at::Tensor shard = whole.narrow(0, rank, 1).fill_(rank + 1);
    group.all_gather(whole, shard, "test").wait();
    EXPECT_TRUE(identical(values_of(whole), {1, 2, 3}));
  });
}

TEST(MultirankProcessGroup, ReduceScatterReplacesOrAddsThisRanksPart) {
  for (const auto reduce : {ReduceCollective::kAllToAll, ReduceCollective::kReduceScatter}) {
    const auto sum_up = [&](int rank, ProcessGroup& group) {
      const auto r = static_cast<float>(rank);
      at::Tensor whole = tensor_of({r, 1, 2 * r, 2, 3 * r, 3});
      at::Tensor sum = at::full({2}, 100.0f);
      at::Tensor scratch = at::empty({reduce == ReduceCollective::kAllToAll ? 6 : 2});
      group.reduce_scatter(sum, whole, scratch, SumInto::kAdd, "test").wait();
      const float part = static_cast<float>(rank) + 1;
      EXPECT_TRUE(identical(values_of(sum), {100 + 3 * part, 100 + 3 * part}));
      group.reduce_scatter(sum, whole, scratch, SumInto::kReplace, "test").wait();
      EXPECT_TRUE(identical(values_of(sum), {3 * part, 3 * part}));
    };
    with_groups(sum_up, std::chrono::seconds(60), reduce);
  }
}

TEST(MultirankProcessGroup, BFloat16IsRoundedOnTheWireAndNotInTheSumUnlessTheBackendAdds) {
  for (const auto& [reduce, expected] :
       {std::pair{ReduceCollective::kAllToAll, 258.0f}, {ReduceCollective::kReduceScatter, 256.0f}}) {
    const auto sum_up = [&, wanted = expected](int rank, ProcessGroup& group) {
      // 256 + 1 has no place in bfloat16's 8 bits: a sum in bfloat16 stays at 256. A ring ends at the owner.
      at::Tensor whole = at::full({3}, rank == 0 ? 256.0 : 1.0, at::kBFloat16);
      at::Tensor sum = at::zeros({1}), scratch = at::empty({3}, at::kBFloat16);
      group.reduce_scatter(sum, whole, scratch, SumInto::kReplace, "test").wait();
      EXPECT_EQ(sum.item<float>(), rank == 0 ? 258.0f : wanted);
    };
    with_groups(sum_up, std::chrono::seconds(60), reduce);
  }
}

TEST(MultirankProcessGroup, AllReduceAddsInTheOrderOfRanks) {
  with_groups([](int rank, ProcessGroup& group) {
    const double parts[] = {1e16, 1.0, -1e16};
    double values[] = {parts[rank], static_cast<double>(rank)};
    group.all_reduce(values, 2, "test");
    EXPECT_EQ(values[0], (1e16 + 1.0) - 1e16);
    EXPECT_EQ(values[1], 3.0);
  });
}

TEST(MultirankProcessGroup, ARankThatDoesNotComeIsAnErrorOfTheOthers) {
  with_groups(
      [](int rank, ProcessGroup& group) {
        if (rank == 1) return;
        at::Tensor whole = at::empty({3});
        EXPECT_ERROR(group.all_gather(whole, at::zeros({1}), "model.layers.7").wait(),
                     concat("rank ", rank,
                            " of 3: all_gather of model.layers.7 timed out: "
                            "others did not come within the timeout of 50 ms"));
      },
      Milliseconds(50));
}

TEST(MultirankProcessGroup, SizesThatDoNotFitAreRefusedBeforeTheyTravel) {
  with_groups([](int, ProcessGroup& group) {
    EXPECT_ERROR(group.all_gather(at::empty({4}), at::empty({1}), "test"),
                 "all_gather of test: 1 elements from each of 3 ranks do not fill 4");
    EXPECT_ERROR(group.reduce_scatter(at::empty({2}), at::empty({3}), at::empty({3}), SumInto::kAdd, "test"),
                 "reduce_scatter of test: 3 elements are not 2 for each of 3 ranks");
  });
}

/// Does work beside at once, as a GPU's second stream may.
class EagerOps : public GpuOps {
 public:
  EagerOps() : GpuOps(AttentionDevice{at::kCPU, 0}, host_kernels(), "eager") {}
  std::function<void()> beside(std::function<void()> work) override {
    work();
    return [this] { ++awaited; };
  }
  int awaited = 0;
};

TEST(MultirankProcessGroup, SumsMayBeMadeBesideWhatIsComputed) {
  LocalNetwork network(3);
  run_ranks(3, [&](int rank) {
    EagerOps ops;
    ProcessGroup group(c10::make_intrusive<LocalBackend>(network, rank), ops);
    const auto r = static_cast<float>(rank);
    at::Tensor sum = at::full({2}, 100.0f), scratch = at::empty({6});
    Transfer transfer =
        group.reduce_scatter(sum, tensor_of({r, 1, 2 * r, 2, 3 * r, 3}), scratch, SumInto::kAdd, "test");
    EXPECT_EQ(ops.awaited, 0);
    const float part = r + 1;
    EXPECT_TRUE(identical(values_of(sum), {100 + 3 * part, 100 + 3 * part}));
    transfer.wait();
    EXPECT_EQ(ops.awaited, 1);
  });
}

TEST(SimulatedGroup, TakesAllRanksToHoldWhatThisOneDoes) {
  for (const auto reduce : {ReduceCollective::kAllToAll, ReduceCollective::kReduceScatter}) {
    SimulatedGroup group(1, 3, cpu_ops(), reduce);
    at::Tensor whole = at::full({6}, NAN), sum = at::zeros({2});
    at::Tensor scratch = at::empty({reduce == ReduceCollective::kAllToAll ? 6 : 2});
    group.all_gather(whole, tensor_of({5, 6}), "test").wait();
    EXPECT_TRUE(identical(values_of(whole), {5, 6, 5, 6, 5, 6}));
    group.reduce_scatter(sum, tensor_of({0, 1, 2, 3, 4, 5}), scratch, SumInto::kAdd, "test").wait();
    EXPECT_TRUE(identical(values_of(sum), {6, 9}));
    double value = 1.5;
    group.all_reduce(&value, 1, "test");
    EXPECT_EQ(value, 4.5);
  }
}

}  // namespace
}  // namespace dmt::process_group_test
