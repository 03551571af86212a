package ai.dmt.engine;

import java.nio.file.Path;

class FakeEngineTest extends TrainingEngineContract {
  @Override
  protected TrainingEngine create(ModelConfig model, long seed, EngineConfig config) {
    return FakeEngine.create(model, seed, config);
  }

  @Override
  protected TrainingEngine open(Path directory, EngineConfig config) {
    return FakeEngine.open(directory, config);
  }
}
