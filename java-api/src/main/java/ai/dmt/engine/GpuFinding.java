package ai.dmt.engine;

/**
 * One thing that {@link NativeRuntime#checkGpu} looked at.
 *
 * @param subject what, such as "GPU driver" or "libcudnn.so.9"
 * @param verdict whether it is as it should be
 * @param found what was found, or why it was not looked at
 */
public record GpuFinding(String subject, Verdict verdict, String found) {

  /** Whether a thing is as it should be. */
  public enum Verdict {
    /** It is. */
    OK,
    /** It is not; what was found says what to do. */
    FAULT,
    /** Told for information, or not looked at. */
    TOLD
  }

  /** From a line of the engine: verdict, subject and what was found, with tabs between them. */
  static GpuFinding parse(String line) {
    String[] parts = line.split("\t", 3);
    Verdict verdict =
        switch (parts[0]) {
          case "ok" -> Verdict.OK;
          case "FAIL" -> Verdict.FAULT;
          case "-" -> Verdict.TOLD;
          default -> throw new IllegalArgumentException("no verdict: " + line);
        };
    return new GpuFinding(parts[1], verdict, parts[2]);
  }
}
