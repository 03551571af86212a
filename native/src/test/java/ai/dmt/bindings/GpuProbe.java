package ai.dmt.bindings;

import java.io.IOException;

/**
 * Started in a JVM of its own by {@link GpuJarsTest}: loads, asks for an engine on a GPU and prints
 * why there is none, then which libraries are mapped.
 */
final class GpuProbe {
  private GpuProbe() {}

  public static void main(String[] args) throws IOException {
    NativeLoader.load();
    if (!NativeLoader.gpuFault().isEmpty()) {
      DmtEngine.set_cpu_libtorch_explanation(NativeLoader.gpuFault());
    }
    try (ModelConfig model = new ModelConfig();
        EngineConfig config = new EngineConfig()) {
      model.vocab_size(11).hidden_size(8).intermediate_size(12).layers(1).heads(2).kv_heads(1);
      model.head_dim(4).max_position_embeddings(16);
      new Engine(model, 7, config).close();
      config.device(DmtEngine.Device.kCuda);
      new Engine(model, 7, config).close();
      System.out.println("no fault");
    } catch (RuntimeException e) {
      System.out.println(e.getMessage().lines().findFirst().orElse(""));
    }
    LoadProbe.printLibraries();
  }
}
