package ai.dmt.engine;

/** Where an {@link EngineState} is while it is written. */
public enum StateMemory {
  /** It takes as much memory as its file, and the engine may go on. */
  COPIED,
  /** It takes none, and the engine must stay as it is until the state has been written. */
  SHARED
}
