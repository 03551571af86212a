package ai.dmt.tensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  private static final String HEADER =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
          + "\"b\":{\"dtype\":\"I64\",\"shape\":[1,1],\"data_offsets\":[8,16]}}";

  @TempDir private Path folder;

  private Path write(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    if (dataBytes >= 16) {
      bytes.putFloat(1.5f).putFloat(-2).putLong(-100);
    }
    return Files.write(folder.resolve("x.safetensors"), bytes.array());
  }

  private static String fault(Path file) {
    return assertThrows(DataException.class, () -> SafetensorsFile.open(file)).getMessage();
  }

  @Test
  void tensorsAreRead() throws IOException {
    SafetensorsFile file = SafetensorsFile.open(write(HEADER, 16));
    assertEquals(List.of("a", "b"), List.copyOf(file.tensors().keySet()));
    assertArrayEquals(new float[] {1.5f, -2}, file.floats(file.require("a", "F32", 1)));
    assertArrayEquals(new int[] {-100}, file.ints(file.require("b", "I64", 2)));
  }

  @Test
  void truncatedFileIsNamed() throws IOException {
    String message = fault(write(HEADER, 15));
    assertTrue(
        message.endsWith(
            "x.safetensors: tensor \"b\" ends at byte 16 of the data, the file has 15; it is"
                + " truncated"),
        message);
    Files.write(folder.resolve("x.safetensors"), new byte[3]);
    assertTrue(fault(folder.resolve("x.safetensors")).contains("has 3 bytes"));
    Files.write(folder.resolve("x.safetensors"), new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{'});
    assertTrue(fault(folder.resolve("x.safetensors")).contains("its header alone needs 108"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[0,8]| [0,4]| has 4 bytes",
        "[0,8]| [8,0]| has the offsets 8 and 0",
        "[0,8]| [0]| lacks dtype, shape or data_offsets",
        "F32| F31| unknown type F31",
        "[2]| [-2]| has the shape [-2]",
        "[2]| [4611686018427387904,4]| of shape [4611686018427387904, 4]",
      })
  void forgedHeadersAreRefused(String from, String to, String expected) throws IOException {
    String message = fault(write(HEADER.replace(from, to), 16));
    assertTrue(message.contains(expected), message);
  }

  @Test
  void headerThatIsNoJsonObjectIsRefused() throws IOException {
    assertTrue(fault(write("{\"a\":", 16)).contains("the header is malformed JSON"));
    assertTrue(fault(write("[1, 2]", 16)).contains("the header is no JSON object"));
  }

  @Test
  void missingTensorAndWrongTypeAreNamed() throws IOException {
    SafetensorsFile file = SafetensorsFile.open(write(HEADER, 16));
    String missing =
        assertThrows(DataException.class, () -> file.require("c", "F32", 1)).getMessage();
    assertTrue(missing.contains("tensor \"c\" is missing; it has [a, b]"), missing);
    String type = assertThrows(DataException.class, () -> file.require("b", "F32", 1)).getMessage();
    assertTrue(type.contains("is I64 of shape [1, 1], expected F32 with 1 dimensions"), type);
    assertTrue(fault(folder.resolve("none.safetensors")).endsWith("no such file"));
  }

  @Test
  void fileTruncatedAfterItWasOpenedIsNamed() throws IOException {
    Path path = write(HEADER, 16);
    SafetensorsFile file = SafetensorsFile.open(path);
    Files.write(path, Arrays.copyOf(Files.readAllBytes(path), (int) Files.size(path) - 1));
    assertArrayEquals(new float[] {1.5f, -2}, file.floats(file.require("a", "F32", 1)));
    TensorEntry last = file.require("b", "I64", 2);
    String message = assertThrows(DataException.class, () -> file.ints(last)).getMessage();
    assertTrue(message.endsWith("x.safetensors: cannot be read: the file ends early"), message);
  }
}
