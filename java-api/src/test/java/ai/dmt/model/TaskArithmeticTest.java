package ai.dmt.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.model.TaskArithmetic.Term;
import ai.dmt.tensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskArithmeticTest {
  @TempDir private Path root;

  /** A model of a tensor of two rows and a vector, in types of their own. */
  private Path model(String name, String type, short[] matrix, float... vector) throws IOException {
    String header =
        ("{\"m\":{\"dtype\":\"%s\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
                + "\"v\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[8,%s]}}")
            .formatted(type, vector.length, 8 + 4 * vector.length);
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + 8 + 4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    for (short value : matrix) {
      bytes.putShort(value);
    }
    for (float value : vector) {
      bytes.putFloat(value);
    }
    Path folder = Files.createDirectories(root.resolve(name));
    Files.write(folder.resolve("model.safetensors"), bytes.array());
    Files.writeString(folder.resolve("config.json"), "{\"name\": \"%s\"}".formatted(name));
    return folder;
  }

  private static short[] bf16(float... values) {
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = (short) (Float.floatToIntBits(values[i]) >> 16);
    }
    return halves;
  }

  private static float[] values(Path folder, String name) {
    SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
    return file.floats(file.tensors().get(name));
  }

  @Test
  void multiplesOfDifferencesAreAddedWhateverTheTypes() throws IOException {
    Path base = model("base", "BF16", bf16(1, 2, 3, 4), 1, 1, 1);
    // F16: 1.5, the largest below infinity, the smallest above 0, and -2
    Path math = model("math", "F16", new short[] {0x3E00, 0x7BFF, 1, (short) 0xC000}, 2, 1, 0);
    Path joint = model("joint", "BF16", bf16(10, 20, 30, 40), 5, 6, 7);
    Path sum = root.resolve("sum");
    TaskArithmetic.write(joint, List.of(new Term(base, math, -0.5), new Term(base, joint, 1)), sum);
    float smallest = (float) Math.pow(2, -24);
    assertArrayEquals(
        new float[] {
          10 - 0.25f * 1 + 9, 20 - 0.5f * (65504 - 2) + 18, 30 - 0.5f * (smallest - 3) + 27, 79
        },
        values(sum, "m"));
    assertArrayEquals(new float[] {8.5f, 11, 13.5f}, values(sum, "v"));
    assertTrue(Files.readString(sum.resolve("config.json")).contains("joint"));
    assertTrue(Files.exists(sum.resolve("SHA256SUMS")), "it is sealed as every model");
  }

  @Test
  void aScrambledVectorIsAsLargeInEachElementAndPointsElsewhere() throws IOException {
    float[] ones = new float[4000];
    java.util.Arrays.fill(ones, 1);
    Path base = model("base", "BF16", bf16(0, 0, 0, 0), new float[4000]);
    Path task = model("task", "BF16", bf16(1, 1, 1, 1), ones);
    double[] sums = new double[3];
    for (int seed = 1; seed <= 3; seed++) {
      Path sum = root.resolve("sum" + seed);
      TaskArithmetic.write(base, List.of(new Term(base, task, 2, seed)), sum);
      for (float value : values(sum, "v")) {
        assertEquals(2, Math.abs(value));
        sums[seed - 1] += value;
      }
      assertTrue(Math.abs(sums[seed - 1]) < 2 * 4 * Math.sqrt(4000), "signs are even: " + seed);
    }
    assertTrue(sums[0] != sums[1] || sums[1] != sums[2], "every seed has signs of its own");
  }

  @Test
  void modelsOfOtherShapesAreRefused() throws IOException {
    Path base = model("base", "BF16", bf16(0, 0, 0, 0), 1, 2);
    Path other = model("other", "BF16", bf16(0, 0, 0, 0), 1, 2, 3);
    String message =
        assertThrows(
                ConfigException.class,
                () ->
                    TaskArithmetic.write(
                        base, List.of(new Term(base, other, 1)), root.resolve("sum")))
            .getMessage();
    assertEquals(
        "models must be of one shape: tensor v of %s is [2], of %s [3]".formatted(base, other),
        message);
  }
}
