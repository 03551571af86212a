package ai.dmt.engine;

import ai.dmt.bindings.TrainingState;
import java.nio.file.Path;

/** A training state in native memory. */
final class NativeEngineState implements EngineState {
  private TrainingState state; // null once closed

  /** Takes over the native object. */
  NativeEngineState(TrainingState state) {
    this.state = state;
  }

  @Override
  public long bytes() {
    TrainingState open = open();
    return NativeCall.get(open::bytes);
  }

  @Override
  public String write(Path folder) {
    TrainingState open = open();
    return NativeCall.get(() -> open.write(folder.toString()));
  }

  @Override
  public void close() {
    if (state != null) {
      state.close();
      state = null;
    }
  }

  private TrainingState open() {
    if (state == null) {
      throw new IllegalStateException("the training state is closed");
    }
    return state;
  }
}
