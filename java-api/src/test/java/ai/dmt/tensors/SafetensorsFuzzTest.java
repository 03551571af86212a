package ai.dmt.tensors;

import ai.dmt.data.DataException;
import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken safetensors files are refused or read. */
class SafetensorsFuzzTest {
  /** The reader of this module. */
  public static final class Reader implements FuzzedReader {
    @Override
    public List<byte[]> samples() {
      byte[] header =
          """
          {"__metadata__":{"format":"pt"},\
          "a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
          "b":{"dtype":"I64","shape":[2],"data_offsets":[24,40]}}"""
              .getBytes(StandardCharsets.UTF_8);
      ByteBuffer file = ByteBuffer.allocate(8 + header.length + 40).order(ByteOrder.LITTLE_ENDIAN);
      return List.of(file.putLong(header.length).put(header).array());
    }

    @Override
    public String fileName() {
      return "x.safetensors";
    }

    @Override
    public void read(Path file) {
      SafetensorsFile tensors = SafetensorsFile.open(file);
      for (TensorEntry entry : tensors.tensors().values()) {
        if (entry.type().equals("F32")) {
          tensors.floats(entry);
        }
      }
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(DataException.class);
    }
  }

  @Test
  void mutantsDoNoHarm(@TempDir Path work) throws IOException, InterruptedException {
    FuzzRun.demandNoHarm(Reader.class, 300, work);
  }
}
