package ai.dmt.engine;

/** What engines compute on. */
public enum Device {
  /** The machine's cores. */
  CPU,
  /**
   * A GPU of NVIDIA's. Not in this version: it can be named, so that asking for it is an answer.
   */
  CUDA;

  /** What is said where a GPU is asked for. */
  public static final String NO_CUDA =
      "device=cuda: training on a GPU is not in this version, engines compute on the CPU; set"
          + " device=cpu (dmt doctor tells which GPUs and kernels are found)";
}
