package ai.dmt.engine;

import ai.dmt.bindings.TrainingState;
import ai.dmt.internal.handle.HandleGuard;
import java.nio.file.Path;
import java.util.function.Supplier;

/** A training state in native memory. */
final class NativeEngineState implements EngineState {
  private final HandleGuard guard = HandleGuard.exclusive("the training state");
  private final TrainingState state; // used behind the guard alone
  private final Writing writing;

  /** How the state is written: at once, or behind the guard of an engine whose memory it shares. */
  interface Writing {
    /** Makes the call that writes. */
    String run(Supplier<String> write);
  }

  /** Takes over the native object. */
  NativeEngineState(TrainingState state, Writing writing) {
    this.state = state;
    this.writing = writing;
  }

  @Override
  public long bytes() {
    return guard.call("bytes", () -> NativeCall.get(state::bytes));
  }

  @Override
  public String write(Path folder) {
    String path = folder.toString();
    return guard.call("write", () -> writing.run(() -> NativeCall.get(() -> state.write(path))));
  }

  @Override
  public void close() {
    guard.close(state::close);
  }
}
