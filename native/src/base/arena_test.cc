#include "base/arena.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace dmt::arena_test {
namespace {

uintptr_t address(const at::Tensor& tensor) {
  return reinterpret_cast<uintptr_t>(tensor.const_data_ptr());
}

TEST(Arena, TensorsAreAlignedAndDoNotOverlap) {
  Arena arena;
  const Arena::Scope scope(arena);
  uintptr_t end = 0;
  for (const int64_t size : {1, 3, 17, 1000}) {
    const at::Tensor tensor = arena.allocate({size}, at::kBFloat16);
    EXPECT_EQ(address(tensor) % 64, 0u);
    EXPECT_GE(address(tensor), end);
    end = address(tensor) + static_cast<uintptr_t>(2 * size);
  }
}

TEST(Arena, AScopeGivesBackWhatItTook) {
  Arena arena;
  const Arena::Scope outer(arena);
  const at::Tensor kept = arena.allocate({10}, at::kFloat).fill_(3.0f);
  uintptr_t first = 0;
  for (int i = 0; i < 3; ++i) {
    const Arena::Scope inner(arena);
    const at::Tensor temporary = arena.allocate({100}, at::kFloat).fill_(-1.0f);
    if (i == 0) first = address(temporary);
    EXPECT_EQ(address(temporary), first);
  }
  EXPECT_TRUE(kept.eq(3.0f).all().item<bool>());
}

TEST(Arena, GrowsWithoutMovingWhatIsInUse) {
  Arena arena;
  constexpr int64_t kMegabyte = 1 << 20;
  for (int round = 0; round < 3; ++round) {
    const Arena::Scope scope(arena);
    std::vector<at::Tensor> tensors;
    for (int i = 0; i < 20; ++i) tensors.push_back(arena.allocate({kMegabyte}, at::kByte).fill_(i));
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(tensors[static_cast<size_t>(i)].eq(i).all().item<bool>()) << i;
  }
  EXPECT_GE(arena.peak_bytes(), 20 * kMegabyte);
}

TEST(Arena, ThePeakStaysWhatTheFirstRoundMadeIt) {
  Arena arena;
  int64_t peak = 0;
  for (int round = 0; round < 4; ++round) {
    const Arena::Scope scope(arena);
    for (const int64_t size : {3'000'000, 2'000'000, 5'000'000, 100}) arena.allocate({size}, at::kByte);
    if (round == 0) peak = arena.peak_bytes();
    EXPECT_EQ(arena.peak_bytes(), peak);
  }
}

TEST(Arena, WhatIsReservedIsAllThatIsHeld) {
  Arena arena;
  arena.reserve(10'000'000);
  for (int round = 0; round < 3; ++round) {
    const Arena::Scope scope(arena);
    arena.allocate({4'999'936}, at::kByte);  // a multiple of the alignment
    arena.allocate({4'999'936}, at::kByte);
    EXPECT_EQ(arena.held_bytes(), 10'000'000);
  }
  arena.reserve(9'000'000);
  EXPECT_EQ(arena.held_bytes(), 10'000'000);
  arena.reserve(11'000'000);
  EXPECT_EQ(arena.held_bytes(), 11'000'000);
  arena.release();
  EXPECT_EQ(arena.held_bytes(), 0);
}

TEST(Arena, IsNotReservedWhileItIsInUse) {
  Arena arena;
  const Arena::Scope scope(arena);
  arena.allocate({10}, at::kByte);
  EXPECT_THROW(arena.reserve(100'000'000), EngineError);
}

// Without a reservation: the tails of pieces are lost once, and no longer.
TEST(Arena, PiecesBecomeOneWhenNothingIsInUse) {
  Arena arena;
  for (int round = 0; round < 2; ++round) {
    {
      const Arena::Scope scope(arena);
      for (int i = 0; i < 5; ++i) arena.allocate({3'000'064}, at::kByte);
      EXPECT_GE(arena.held_bytes(), arena.peak_bytes());
    }
    EXPECT_EQ(arena.held_bytes(), arena.peak_bytes());
  }
}

}  // namespace
}  // namespace dmt::arena_test
