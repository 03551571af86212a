package ai.dmt.model;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.ModelFiles;
import ai.dmt.tensors.SafetensorsFile;
import ai.dmt.tensors.TensorEntry;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A model's weights plus multiples of what training changed in others (Ilharco et al., 2023,
 * "Editing models with task arithmetic"). Only some megabytes of the weights are in memory at a
 * time.
 */
public final class TaskArithmetic {
  private static final int CHUNK = 1 << 20; // weights
  private static final String SINGLE = "model.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Weights> model;
  private final List<Term> terms;
  private final List<Map<String, Weights>> from = new ArrayList<>();
  private final List<Map<String, Weights>> to = new ArrayList<>();

  /**
   * A multiple of a task vector.
   *
   * @param from folder of the model before training
   * @param to folder of the model after it
   * @param factor of the difference; negative to take the task away
   * @param scrambled 0 for the difference; else the seed of signs that its elements are multiplied
   *     with, so that it is as large as before in each of them and points elsewhere
   */
  public record Term(Path from, Path to, double factor, long scrambled) {
    /**
     * Makes a multiple of a task vector as it is.
     *
     * @param from folder of the model before training
     * @param to folder of the model after it
     * @param factor of the difference; negative to take the task away
     */
    public Term(Path from, Path to, double factor) {
      this(from, to, factor, 0);
    }
  }

  /** A tensor and its file. */
  private record Weights(SafetensorsFile file, TensorEntry entry) {}

  private TaskArithmetic(Path model, List<Term> terms) {
    this.model = weights(model);
    this.terms = List.copyOf(terms);
    for (Term term : terms) {
      from.add(weights(term.from()));
      to.add(weights(term.to()));
      for (Map.Entry<String, Weights> each : this.model.entrySet()) {
        checkEqual(model, each, term.from(), from.get(from.size() - 1));
        checkEqual(model, each, term.to(), to.get(to.size() - 1));
      }
    }
  }

  /**
   * Writes the sum as a model's folder, whole or not at all. Weights are in float32; all else is
   * the first model's.
   *
   * @param model folder of the model that is changed
   * @param terms what is added
   * @param target folder to write
   * @throws ConfigException if the models are not of one shape
   * @throws IOException if it cannot be written
   */
  public static void write(Path model, List<Term> terms, Path target) throws IOException {
    TaskArithmetic sum = new TaskArithmetic(model, terms);
    ModelFolder.write(
        target,
        fresh -> {
          copyBeside(model, fresh);
          sum.writeWeights(fresh.resolve(SINGLE));
        });
  }

  private static Map<String, Weights> weights(Path folder) {
    Map<String, Weights> weights = new LinkedHashMap<>();
    for (Path each : ModelInfo.weightFiles(folder)) {
      SafetensorsFile file = SafetensorsFile.open(each);
      file.tensors().forEach((name, entry) -> weights.put(name, new Weights(file, entry)));
    }
    return weights;
  }

  private static void checkEqual(
      Path model, Map.Entry<String, Weights> tensor, Path other, Map<String, Weights> others) {
    Weights there = others.get(tensor.getKey());
    List<Long> shape = tensor.getValue().entry().shape();
    if (there == null || !there.entry().shape().equals(shape)) {
      throw new ConfigException(
          "models must be of one shape: tensor %s of %s is %s, of %s %s"
              .formatted(
                  tensor.getKey(),
                  model,
                  shape,
                  other,
                  there == null ? "missing" : there.entry().shape()));
    }
  }

  private static void copyBeside(Path model, Path target) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        boolean weights = name.contains(".safetensors") || name.equals(Checksums.NAME);
        if (ModelFiles.isModelFile(name) && !weights) {
          Files.copy(file, target.resolve(name));
        }
      }
    }
  }

  private void writeWeights(Path file) throws IOException {
    String text = header().toString();
    int bytes8 = text.getBytes(StandardCharsets.UTF_8).length;
    // Tensors begin at a multiple of 8 bytes, as in files of the reference implementation.
    byte[] header = (text + " ".repeat(-bytes8 & 7)).getBytes(StandardCharsets.UTF_8);
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer begin = ByteBuffer.allocate(Long.BYTES + header.length);
      write(out, begin.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header));
      for (Weights tensor : model.values()) {
        long elements = tensor.entry().elements();
        for (long first = 0; first < elements; first += CHUNK) {
          float[] sum = sum(tensor, first, (int) Math.min(CHUNK, elements - first));
          ByteBuffer bytes =
              ByteBuffer.allocate(Float.BYTES * sum.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(sum);
          write(out, bytes.position(bytes.capacity()));
        }
      }
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private ObjectNode header() {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    long begin = 0;
    for (Map.Entry<String, Weights> tensor : model.entrySet()) {
      TensorEntry entry = tensor.getValue().entry();
      long end = begin + Float.BYTES * entry.elements();
      ObjectNode node = header.putObject(tensor.getKey()).put("dtype", "F32");
      entry.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    return header;
  }

  private float[] sum(Weights tensor, long first, int count) {
    float[] chunk = new float[count];
    tensor.file().floats(tensor.entry(), first, chunk);
    double[] sum = new double[count];
    for (int i = 0; i < count; i++) {
      sum[i] = chunk[i];
    }
    String name = tensor.entry().name();
    for (int t = 0; t < terms.size(); t++) {
      Term term = terms.get(t);
      add(sum, to.get(t), name, first, term.factor(), term.scrambled());
      add(sum, from.get(t), name, first, -term.factor(), term.scrambled());
    }
    for (int i = 0; i < count; i++) {
      chunk[i] = (float) sum[i];
    }
    return chunk;
  }

  private static void add(
      double[] sum,
      Map<String, Weights> weights,
      String name,
      long first,
      double factor,
      long signs) {
    Weights tensor = Objects.requireNonNull(weights.get(name), name); // was checked
    float[] chunk = new float[sum.length];
    tensor.file().floats(tensor.entry(), first, chunk);
    long seed = signs == 0 ? 0 : mix(signs * 31 + name.hashCode());
    for (int i = 0; i < sum.length; i++) {
      boolean turned = signs != 0 && (mix(seed + first + i) & 1) == 1;
      sum[i] += (turned ? -factor : factor) * chunk[i];
    }
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
