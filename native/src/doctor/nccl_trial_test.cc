// The collectives' check, on a stand-in for NCCL that copies between ranks on the host.
#include "doctor/nccl_trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/expect_error.h"

namespace dmt::nccl_trial_test {
namespace {

/// Calls of a group, done when it ends.
struct StandIn {
  struct Call {
    const float* in;
    float* out;
    size_t count;
    int rank, peer;
  };
  std::vector<int> ranks;  // a communicator is the address of its rank's number
  std::vector<Call> gathers, reductions, sends, receives;
  bool loses_the_last_value = false;
};
StandIn& world() {
  static StandIn world;
  return world;
}
int rank_of(Nccl::Comm comm) {
  return *static_cast<int*>(comm);
}

int end_group() {
  StandIn& w = world();
  for (const auto& to : w.gathers)
    for (const auto& from : w.gathers)
      std::copy_n(from.in, from.count, to.out + static_cast<size_t>(from.rank) * from.count);
  for (const auto& to : w.reductions) {
    std::fill_n(to.out, to.count, 0.0f);
    for (const auto& from : w.reductions)
      for (size_t i = 0; i < to.count; ++i) to.out[i] += from.in[static_cast<size_t>(to.rank) * to.count + i];
  }
  for (const auto& to : w.receives)
    for (const auto& from : w.sends)
      if (from.rank == to.peer && from.peer == to.rank) std::copy_n(from.in, from.count, to.out);
  if (w.loses_the_last_value)
    for (auto* calls : {&w.gathers, &w.reductions, &w.receives})
      if (!calls->empty()) calls->back().out[calls->back().count - 1] = -1.0f;
  for (auto* calls : {&w.gathers, &w.reductions, &w.sends, &w.receives}) calls->clear();
  return 0;
}

Nccl stand_in() {
  world() = {};
  Nccl nccl;
  nccl.init_all = [](Nccl::Comm* comms, int count, const int*) {
    world().ranks.resize(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      world().ranks[static_cast<size_t>(i)] = i;
      comms[i] = &world().ranks[static_cast<size_t>(i)];
    }
    return 0;
  };
  nccl.destroy = [](Nccl::Comm) { return 0; };
  nccl.group_start = [] { return 0; };
  nccl.group_end = end_group;
  nccl.all_gather = [](const void* in, void* out, size_t count, int, Nccl::Comm comm, void*) {
    world().gathers.push_back(
        {static_cast<const float*>(in), static_cast<float*>(out), count, rank_of(comm), 0});
    return 0;
  };
  nccl.reduce_scatter = [](const void* in, void* out, size_t count, int, int, Nccl::Comm comm, void*) {
    world().reductions.push_back(
        {static_cast<const float*>(in), static_cast<float*>(out), count, rank_of(comm), 0});
    return 0;
  };
  nccl.send = [](const void* in, size_t count, int, int peer, Nccl::Comm comm, void*) {
    world().sends.push_back({static_cast<const float*>(in), nullptr, count, rank_of(comm), peer});
    return 0;
  };
  nccl.recv = [](void* out, size_t count, int, int peer, Nccl::Comm comm, void*) {
    world().receives.push_back({nullptr, static_cast<float*>(out), count, rank_of(comm), peer});
    return 0;
  };
  nccl.error_text = [](int) { return "no such thing"; };
  return nccl;
}

CheckLines run(const Nccl& nccl, size_t ranks) {
  NcclTrial trial;
  trial.devices.assign(ranks, at::kCPU);
  trial.part = 1003;
  return try_collectives(nccl, trial);
}

TEST(NcclTrial, WhatArrivesIsWhatWasSent) {
  for (const size_t ranks : {2u, 3u}) {
    const CheckLines lines = run(stand_in(), ranks);
    ASSERT_EQ(lines.size(), 3u);
    const char* names[] = {"NCCL all-gather", "NCCL reduce-scatter", "NCCL all-to-all"};
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].subject, names[i]);
      EXPECT_EQ(lines[i].verdict, CheckLine::Verdict::kOk) << lines[i].found;
      EXPECT_TRUE(contains(lines[i].found, concat(ranks, " GPUs, ")));
    }
  }
}

TEST(NcclTrial, OneWrongValueOfOneRankIsFound) {
  const Nccl nccl = stand_in();
  world().loses_the_last_value = true;
  for (const CheckLine& line : run(nccl, 2)) {
    EXPECT_EQ(line.verdict, CheckLine::Verdict::kFault) << line.subject;
    EXPECT_TRUE(contains(line.found, "GPU 1 of 2 received 1 wrong values of ")) << line.found;
  }
}

TEST(NcclTrial, AnErrorIsInNcclsWords) {
  Nccl nccl = stand_in();
  nccl.init_all = [](Nccl::Comm*, int, const int*) { return 2; };
  EXPECT_ERROR(run(nccl, 2), "ncclCommInitAll: no such thing (2)");
}

TEST(NcclTrial, OneGpuIsTooFew) {
  const CheckLines lines = check_collectives(1);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(text_of(lines[0]), "-\tNCCL\tnot run: it takes two GPUs, this process sees 1");
}

}  // namespace
}  // namespace dmt::nccl_trial_test
