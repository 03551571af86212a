// Training states: what a run needs to go on, on the same or another number of ranks.
#include <fstream>

#include "base/expect_error.h"
#include "base/files.h"
#include "base/temp_dir.h"
#include "base/thread_count_scope.h"
#include "test_world.h"

namespace dmt::engine_state_test {
namespace {

Documents step_documents(int step) {
  return random_documents({9, 17, 4, 12, 7, 5}, static_cast<uint64_t>(100 + 10 * step), 2);
}

EngineConfig two_sources(DType dtype) {
  EngineConfig config = small_config(dtype);
  config.source_count = 2;
  config.threads = 1;
  return config;
}

/// Steps [first, end). @return their losses
std::vector<double> train(Engine& engine, int rank, int ranks, int first, int end) {
  std::vector<double> losses;
  for (int step = first; step < end; ++step) {
    const Documents documents = step_documents(step);
    for (const Documents& batch : rank_batches(documents, rank, ranks, true))
      engine.accumulate(batch.micro_batch(), documents.token_weight());
    losses.push_back(engine.apply(1e-3).loss);
  }
  return losses;
}

struct Result {
  std::vector<double> losses;
  std::vector<float> weights;
};

class EngineState : public testing::TestWithParam<DType> {
 protected:
  /// A world goes on after `first` steps from the state of a folder, or from fresh weights if it is 0, to
  /// `end`, and leaves its state in another folder unless that is empty.
  Result run(const WorldLayout& layout, int first, int end, const TempDir& from, const TempDir& to,
             StateMemory memory) {
    const World world(layout);
    std::vector<Result> results(static_cast<size_t>(layout.ranks));
    run_ranks(layout.ranks, [&](int rank) {
      // Other weights, so that a restore that does nothing shows.
      Engine engine(small_model(), first == 0 ? 7 : 8, world.config(rank, two_sources(GetParam())));
      if (first > 0) engine.restore(from.path().string());
      Result& result = results[static_cast<size_t>(rank)];
      result.losses = train(engine, rank, layout.ranks, first, end);
      const TrainingState state(engine, memory);
      if (memory == StateMemory::kCopied) train(engine, rank, layout.ranks, end, end + 1);
      state.write(to.path().string());
      if (memory == StateMemory::kShared) result.weights = weights_of(engine);
    });
    return results[0];
  }

  ThreadCountScope one_thread_{1};
};
INSTANTIATE_TEST_SUITE_P(DTypes, EngineState, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

std::vector<WorldLayout> layouts() {
  return {{.ranks = 1},
          {.ranks = 3},
          {.ranks = 4, .sharding = Sharding::kGradOp},
          {.ranks = 4, .sharding = Sharding::kHybrid, .node_size = 2},
          {.ranks = 3, .sharding = Sharding::kNone},
          {.ranks = 2, .gradient_reduction = GradientReduction::kEachStep}};
}

TEST_P(EngineState, TheSameWorldGoesOnBitForBit) {
  for (const WorldLayout& layout : layouts()) {
    SCOPED_TRACE(concat(layout.ranks, " ranks, sharding ", static_cast<int>(layout.sharding)));
    const TempDir half, whole, resumed;
    run(layout, 0, 4, half, half, StateMemory::kCopied);  // goes on while the copy is written
    const Result unbroken = run(layout, 0, 8, half, whole, StateMemory::kShared);
    const Result result = run(layout, 4, 8, half, resumed, StateMemory::kShared);
    const std::vector<double> last_half(unbroken.losses.begin() + 4, unbroken.losses.end());
    EXPECT_TRUE(identical(result.losses, last_half));
    EXPECT_TRUE(identical(result.weights, unbroken.weights));
  }
}

TEST_P(EngineState, AnotherWorldGoesOnWithTheSameState) {
  for (const WorldLayout& writer : layouts()) {
    const TempDir half;
    const Result written = run(writer, 0, 4, half, half, StateMemory::kShared);
    for (const WorldLayout& reader : layouts()) {
      SCOPED_TRACE(concat(writer.ranks, " ranks, sharding ", static_cast<int>(writer.sharding), ", then ",
                          reader.ranks, ", sharding ", static_cast<int>(reader.sharding)));
      const TempDir copied;
      const Result restored = run(reader, 4, 4, half, copied, StateMemory::kShared);
      EXPECT_TRUE(identical(restored.weights, written.weights));
      // Moments, through a third layout: one more step gives the same bits as on one rank.
      const TempDir unused;
      const Result direct = run({.ranks = 1}, 4, 6, half, unused, StateMemory::kShared);
      const TempDir unused_too;
      const Result through = run({.ranks = 1}, 4, 6, copied, unused_too, StateMemory::kShared);
      EXPECT_TRUE(identical(through.losses, direct.losses));
      EXPECT_TRUE(identical(through.weights, direct.weights));
    }
  }
}

TEST_P(EngineState, AnExportIsWhatTheEngineWouldSave) {
  for (const DType saved : {DType::kFloat32, DType::kBFloat16}) {
    ModelConfig model = small_model();
    model.tie_word_embeddings = saved == DType::kBFloat16;
    Engine engine(model, 7, two_sources(GetParam()));
    train(engine, 0, 1, 0, 2);
    const TempDir state, directly, exported;
    TrainingState(engine, StateMemory::kShared).write(state.path().string());
    engine.save(directly.path().string(), saved);
    export_model(state.path().string(), exported.path().string(), saved);
    for (const char* file : {"config.json", "generation_config.json", "model.safetensors"})
      EXPECT_EQ(read_text_file(exported / file), read_text_file(directly / file)) << file;
  }
}

class EngineStateErrors : public testing::Test {
 protected:
  /// States of a world of two ranks after one step.
  void SetUp() override {
    const World world({.ranks = 2});
    run_ranks(2, [&](int rank) {
      Engine engine(small_model(), 7, world.config(rank, two_sources(DType::kFloat32)));
      train(engine, rank, 2, 0, 1);
      TrainingState(engine, StateMemory::kShared).write(dir_.path().string());
    });
  }
  void restore() {
    Engine engine(small_model(), 7, two_sources(DType::kFloat32));
    engine.restore(dir_.path().string());
  }
  std::string second() const { return (dir_ / "rank-00001-of-00002.safetensors").string(); }

  TempDir dir_;
  ThreadCountScope one_thread_{1};
};

TEST_F(EngineStateErrors, AMissingRankIsNamed) {
  std::filesystem::remove(second());
  EXPECT_ERROR(restore(), "the file of rank 1 of 2 is missing");
}

TEST_F(EngineStateErrors, AnEmptyFolderIsNone) {
  const TempDir empty;
  Engine engine(small_model(), 7, two_sources(DType::kFloat32));
  EXPECT_ERROR(engine.restore(empty.path().string()), "no file rank-*.safetensors");
  EXPECT_ERROR(engine.restore("/nowhere"), "/nowhere: cannot be listed");
}

TEST_F(EngineStateErrors, FilesOfAnotherStepAreRefused) {
  const World world({.ranks = 2});
  const TempDir other;
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, two_sources(DType::kFloat32)));
    TrainingState(engine, StateMemory::kShared).write(other.path().string());
  });
  std::filesystem::copy_file(other / "rank-00001-of-00002.safetensors", second(),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_ERROR(restore(), "is of step 0 of 2 ranks");
}

TEST_F(EngineStateErrors, AnotherModelIsRefused) {
  ModelConfig wider = small_model();
  wider.intermediate_size = 48;
  Engine engine(wider, 7, two_sources(DType::kFloat32));
  EXPECT_ERROR(engine.restore(dir_.path().string()), "is of another model");
  ModelConfig deeper = small_model();
  deeper.layers = 3;
  Engine deep(deeper, 7, two_sources(DType::kFloat32));
  EXPECT_ERROR(deep.restore(dir_.path().string()), "is of another model");
}

TEST_F(EngineStateErrors, AFileThatIsCutShortIsRefused) {
  std::filesystem::resize_file(second(), std::filesystem::file_size(second()) - 1);
  EXPECT_ERROR(restore(), "rank-00001-of-00002.safetensors");
}

TEST_F(EngineStateErrors, AModelIsNoState) {
  Engine engine(small_model(), 7, two_sources(DType::kFloat32));
  const TempDir model;
  engine.save(model.path().string(), DType::kFloat32);
  std::filesystem::rename(model / "model.safetensors", model / "rank-00000-of-00001.safetensors");
  EXPECT_ERROR(engine.restore(model.path().string()), "metadata \"format\" is \"pt\"");
}

TEST_F(EngineStateErrors, WithinAStepThereIsNone) {
  Engine engine(small_model(), 7, two_sources(DType::kFloat32));
  const Documents documents = step_documents(0);
  engine.accumulate(documents.micro_batch(), documents.token_weight());
  EXPECT_ERROR(TrainingState(engine, StateMemory::kShared), "within a step");
  EXPECT_ERROR(engine.restore(dir_.path().string()), "restore within a step");
  EngineConfig frozen = small_config();
  frozen.trainable = false;
  Engine inference(small_model(), 7, frozen);
  EXPECT_ERROR(TrainingState(inference, StateMemory::kShared), "opened for inference");
  EXPECT_ERROR(inference.restore(dir_.path().string()), "opened for inference");
}

TEST_F(EngineStateErrors, AFolderThatCannotBeWrittenIsNamed) {
  Engine engine(small_model(), 7, two_sources(DType::kFloat32));
  const TrainingState state(engine, StateMemory::kCopied);
  EXPECT_ERROR(state.write("/nowhere"), "cannot write /nowhere/rank-00000-of-00001.safetensors");
}

}  // namespace
}  // namespace dmt::engine_state_test
