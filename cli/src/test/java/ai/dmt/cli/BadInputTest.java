package ai.dmt.cli;

import ai.dmt.TinyModel;
import ai.dmt.tensors.SafetensorsFile;
import ai.dmt.tensors.TensorEntry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bad input, with what the user reads. A full disk is in {@link ProcessTest}. */
@Tag("native")
class BadInputTest {
  @TempDir private Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void writeModelAndData() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    data = Files.writeString(folder.resolve("d.jsonl"), record("2 + 2?", "4").repeat(12));
  }

  private static String record(String question, String answer) {
    return "{\"question\": \"%s\", \"answer\": \"%s\"}\n".formatted(question, answer);
  }

  private Dmt train(Object... settings) {
    Object[] words = {
      "train", "--model", model, "--data", "sums=" + data, "--output", folder.resolve("out")
    };
    Object[] all = Arrays.copyOf(words, words.length + settings.length);
    System.arraycopy(settings, 0, all, words.length, settings.length);
    return Dmt.run(all);
  }

  private void replaceInConfig(String from, String to) throws IOException {
    Path config = model.resolve("config.json");
    String text = Files.readString(config);
    String replaced = text.replaceAll(from, to);
    if (replaced.equals(text)) {
      throw new IOException("nothing to replace for " + from + " in " + text);
    }
    Files.writeString(config, replaced);
  }

  @Test
  void noSuchModel() {
    Path none = folder.resolve("none");
    Dmt.run("generate", "--model", none, "--prompt", "a")
        .fails(ExitCode.USAGE, "there is no model folder " + none + "; expected config.json");
  }

  @Test
  void wrongArchitecture() throws IOException {
    replaceInConfig("LlamaForCausalLM", "GPT2LMHeadModel");
    train()
        .fails(
            ExitCode.USAGE,
            "config.json: architecture is \"GPT2LMHeadModel\", expected LlamaForCausalLM");
  }

  @Test
  void truncatedSafetensors() throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 10));
    train().fails(ExitCode.USAGE, "model.safetensors: tensor \"", "it is truncated");
  }

  @Test
  void nanWeights() throws IOException {
    Path weights = model.resolve("model.safetensors");
    TensorEntry norm = SafetensorsFile.open(weights).tensors().get("model.norm.weight");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      long header = Long.reverseBytes(file.readLong());
      file.seek(8 + header + norm.begin());
      file.writeInt(Integer.reverseBytes(Float.floatToIntBits(Float.NaN)));
    }
    train().fails(ExitCode.USAGE, "model.norm.weight", "nan", "expected finite weights");
  }

  @Test
  void vocabularySmallerThanTheTokenizers() throws IOException {
    replaceInConfig("\"vocab_size\": 512", "\"vocab_size\": 300");
    String[] fault = {"config.json has vocab_size 300", "has 512 tokens: it does not belong"};
    train().fails(ExitCode.USAGE, fault);
    Dmt.run("generate", "--model", model, "--prompt", "Once upon a time")
        .fails(ExitCode.USAGE, fault);
  }

  @Test
  void emptyDataFile() throws IOException {
    Files.writeString(data, "");
    train().fails(ExitCode.USAGE, "d.jsonl: has no records, expected at least one");
  }

  @Test
  void malformedJsonAtALine() throws IOException {
    Files.writeString(data, record("a", "b") + record("c", "d") + "{\"question\": \"e\", \n");
    train().fails(ExitCode.USAGE, data + ":3: malformed JSON");
  }

  @Test
  void sampleWithoutAnAnswer() throws IOException {
    Files.writeString(data, record("Why?", ""));
    train()
        .fails(
            ExitCode.USAGE,
            "source sums has no sample to train on",
            "1 conversations without a question and its answer");
  }

  @Test
  void answerThatIsCutOffEntirely() {
    train("cutoff_len=16")
        .fails(
            ExitCode.USAGE,
            "source sums has no sample to train on",
            "12 samples without a token that carries loss");
  }

  @Test
  void sequenceLongerThanTheModelsLimit() throws IOException {
    train("cutoff_len=1024")
        .fails(
            ExitCode.USAGE, "data.cutoff_len=1024 must be at most 512", "max_position_embeddings");
    Files.writeString(data, record("Why?", "so ".repeat(600)));
    train("overlong=fail").fails(ExitCode.USAGE, "d.jsonl:1: sample has ", "sequenceLength is 512");
    Path prompts =
        Files.writeString(
            folder.resolve("p.jsonl"), "{\"prompt\": \"" + "so ".repeat(600) + "\"}\n");
    Dmt.run("generate", "--model", model, "--input", prompts)
        .fails(ExitCode.USAGE, "p.jsonl:1: prompt has ", "the model has 512 positions");
  }

  @Test
  void missingTokenizer() throws IOException {
    Files.delete(model.resolve("tokenizer.model"));
    train().fails(ExitCode.USAGE, "has neither tokenizer.json nor tokenizer.model");
  }

  @Test
  void missingTensor() throws IOException {
    replaceInConfig("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
    train().fails(ExitCode.USAGE, "model.layers.2.", "is missing");
  }
}
