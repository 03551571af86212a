package ai.dmt.cli;

import java.io.IOException;

/** The process that started this one and holds the other end of its standard input. */
final class ParentProcess {
  private ParentProcess() {}

  /** From now on this process ends when its parent does, even by kill -9. */
  static void endWith() {
    Thread watch = new Thread(ParentProcess::awaitEnd, "parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {
        // nothing is ever written
      }
    } catch (IOException e) {
      // the pipe broke: the same
    }
    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
  }
}
