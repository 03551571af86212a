package ai.dmt.doctor;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonFaults;
import ai.dmt.tensors.SafetensorsFile;
import ai.dmt.tensors.TensorEntry;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A folder with a small model and what Hugging Face transformers computes with it: {@code model/},
 * {@code expected.safetensors} and {@code expected.json}, as peer/make_golden.py writes them.
 */
final class GoldenCase {
  /** Tokens that the greedy continuation adds to its prompt. */
  static final int CONTINUATION = 32;

  /** One optimizer step. */
  record Step(double loss, double gradientNorm, double learningRate) {}

  private final Path folder;
  private final SafetensorsFile tensors;
  private final int rows;
  private final int length;
  private final int[] inputIds;
  private final int[] labels;
  private final int[] generated;
  private final double loss;
  private final AdamWConfig adamW;
  private final double clipNorm;
  private final List<Step> steps;

  private GoldenCase(Path folder, SafetensorsFile tensors, JsonNode json) {
    this.folder = folder;
    this.tensors = tensors;
    TensorEntry ids = tensors.require("input_ids", "I64", 2);
    rows = Math.toIntExact(ids.shape().get(0));
    length = Math.toIntExact(ids.shape().get(1));
    inputIds = tensors.ints(ids);
    TensorEntry marks = tensors.require("labels", "I64", 2);
    require(
        tensors.path(),
        marks.shape().equals(ids.shape()),
        "labels has another shape than input_ids");
    labels = tensors.ints(marks);
    TensorEntry logits = tensors.require("logits", "F32", 3);
    require(
        tensors.path(),
        logits.shape().subList(0, 2).equals(ids.shape()),
        "logits has another shape than input_ids");
    generated = tensors.ints(tensors.require("generated", "I64", 1));
    int prompt = generated.length - CONTINUATION;
    require(
        tensors.path(),
        prompt > 0 && prompt <= length && Arrays.equals(generated, 0, prompt, inputIds, 0, prompt),
        "generated must be the beginning of the first row and %s tokens".formatted(CONTINUATION));
    require(tensors.path(), !parameterNames().isEmpty(), "there is no tensor \"grad.NAME\"");

    Path file = folder.resolve("expected.json");
    loss = number(file, json, "loss");
    JsonNode optimizer = json.path("optimizer");
    adamW =
        new AdamWConfig(
            number(file, optimizer.path("betas"), 0),
            number(file, optimizer.path("betas"), 1),
            number(file, optimizer, "eps"),
            number(file, optimizer, "weight_decay"));
    clipNorm = number(file, optimizer, "clip_norm");
    steps = steps(file, json);
    require(file, !steps.isEmpty(), "\"steps\" is empty, expected at least one");
  }

  /**
   * Reads a folder.
   *
   * @throws DataException if a file is missing or malformed
   */
  static GoldenCase read(Path folder) {
    require(folder, Files.isDirectory(folder), "no such folder");
    require(folder, Files.isDirectory(folder.resolve("model")), "has no folder \"model\" in it");
    SafetensorsFile tensors = SafetensorsFile.open(folder.resolve("expected.safetensors"));
    return new GoldenCase(folder, tensors, json(folder.resolve("expected.json")));
  }

  Path model() {
    return folder.resolve("model");
  }

  /** Names of the model's parameters, sorted. */
  List<String> parameterNames() {
    String prefix = "grad.";
    return tensors.tensors().keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .sorted()
        .toList();
  }

  float[] logits() {
    return tensors.floats(tensors.require("logits", "F32", 3));
  }

  /** Gradient of the mean loss of all rows. */
  float[] gradient(String parameter) {
    return floats("grad." + parameter);
  }

  /** The weight after all steps. */
  float[] after(String parameter) {
    return floats("after." + parameter);
  }

  int[] prompt() {
    return Arrays.copyOf(generated, generated.length - CONTINUATION);
  }

  int[] continuation() {
    return Arrays.copyOfRange(generated, generated.length - CONTINUATION, generated.length);
  }

  double loss() {
    return loss;
  }

  AdamWConfig adamW() {
    return adamW;
  }

  double clipNorm() {
    return clipNorm;
  }

  List<Step> steps() {
    return steps;
  }

  int rows() {
    return rows;
  }

  /** Some rows as documents. The file's labels are not shifted, the engine's are. */
  MicroBatch batch(int... which) {
    int[] ids = new int[which.length * length];
    int[] shifted = new int[ids.length];
    int[] offsets = new int[which.length + 1];
    for (int d = 0; d < which.length; d++) {
      int from = which[d] * length;
      System.arraycopy(inputIds, from, ids, d * length, length);
      System.arraycopy(labels, from + 1, shifted, d * length, length - 1);
      shifted[(d + 1) * length - 1] = MicroBatch.IGNORE_INDEX;
      offsets[d + 1] = (d + 1) * length;
    }
    return new MicroBatch(ids, shifted, offsets, new int[which.length]);
  }

  /** All rows. */
  MicroBatch batch() {
    int[] all = new int[rows];
    Arrays.setAll(all, row -> row);
    return batch(all);
  }

  private static List<Step> steps(Path file, JsonNode json) {
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : json.path("steps")) {
      steps.add(
          new Step(
              number(file, step, "loss"),
              number(file, step, "grad_norm"),
              number(file, step, "lr")));
    }
    return steps;
  }

  private float[] floats(String name) {
    TensorEntry entry = tensors.tensors().get(name);
    require(tensors.path(), entry != null, "tensor \"" + name + "\" is missing");
    return tensors.floats(entry);
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new DataException(
          new Origin(file.toString(), 0), "malformed JSON: " + JsonFaults.sentence(e), e);
    } catch (IOException e) {
      String why = Files.exists(file) ? "cannot be read: " + Disk.reason(e) : "no such file";
      throw new DataException(new Origin(file.toString(), 0), why, e);
    }
  }

  private static double number(Path file, JsonNode object, String key) {
    JsonNode value = object.path(key);
    require(file, value.isNumber(), "\"" + key + "\" must be a number");
    return value.doubleValue();
  }

  private static double number(Path file, JsonNode array, int index) {
    JsonNode value = array.path(index);
    require(file, value.isNumber(), "\"betas\" must be two numbers");
    return value.doubleValue();
  }

  private static void require(Path file, boolean condition, String fault) {
    if (!condition) {
      throw new DataException(new Origin(file.toString(), 0), fault);
    }
  }
}
