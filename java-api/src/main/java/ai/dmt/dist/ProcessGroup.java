package ai.dmt.dist;

/** A {@code c10d::Backend} that the engine comes to share. */
interface ProcessGroup {
  /** Of the native object. */
  long address();

  /** Ends it. @param failed whether this rank's part of the run did: nobody is waited for */
  void close(boolean failed);
}
