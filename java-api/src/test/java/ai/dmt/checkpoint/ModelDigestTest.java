package ai.dmt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDigestTest {
  private static final int SAMPLED = 1000;
  private static final int BYTES = 9 << 20;

  @TempDir private Path folder;

  @BeforeEach
  void writeModel() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.write(folder.resolve("model.safetensors"), new byte[BYTES]);
  }

  private void change(int at) throws IOException {
    byte[] weights = new byte[BYTES];
    weights[at] = 1;
    Files.write(folder.resolve("model.safetensors"), weights);
  }

  @Test
  void aSmallModelIsReadWhole() throws IOException {
    String before = ModelDigest.of(folder);
    Files.writeString(folder.resolve("README.md"), "no part of the model");
    assertEquals(before, ModelDigest.of(folder));
    change(BYTES - 1);
    assertNotEquals(before, ModelDigest.of(folder));
    change(12_345);
    assertNotEquals(before, ModelDigest.of(folder));
  }

  @Test
  void theConfigCounts() throws IOException {
    String before = ModelDigest.of(folder);
    Files.writeString(folder.resolve("config.json"), "{ }");
    assertNotEquals(before, ModelDigest.of(folder));
  }

  @Test
  void ofALargeModelThe64KibAtEach4MibCount() throws IOException {
    String before = ModelDigest.of(folder, SAMPLED);
    change((8 << 20) + (64 << 10) - 1);
    assertNotEquals(before, ModelDigest.of(folder, SAMPLED));
    change((8 << 20) + (64 << 10));
    assertEquals(before, ModelDigest.of(folder, SAMPLED));
    Files.write(folder.resolve("model.safetensors"), new byte[BYTES + 1]);
    assertNotEquals(before, ModelDigest.of(folder, SAMPLED));
  }
}
