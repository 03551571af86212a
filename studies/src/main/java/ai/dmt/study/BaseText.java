package ai.dmt.study;

import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.generate.Completion;
import ai.dmt.generate.FinishReason;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.TextGenerator;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.tokenizer.Tokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a base model writes by itself, as a source whose loss is measured and that nothing is
 * trained on. Its mean loss under a model is the entropy of the base model and the Kullback-Leibler
 * divergence of that model from the base, in nats per token: how much of what the base does is done
 * otherwise now, whatever it has learnt.
 */
final class BaseText {
  private static final String FILE = "base_text.jsonl";
  private static final int TOKENS = 64; // of a text, at most
  private static final int AT_ONCE = 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  private BaseText() {}

  /**
   * Has the base model write texts, each by its own probabilities and from the beginning.
   *
   * @param engine with the base model
   * @param model its folder
   * @param tokenizer of it
   * @param texts how many
   * @param most tokens of a text that can be measured
   * @param folder that the file is written to
   */
  static void write(
      NativeEngine engine, Path model, Tokenizer tokenizer, int texts, int most, Path folder)
      throws IOException {
    int begin = begin(tokenizer);
    Set<Integer> ends = new HashSet<>(SpecialTokenIds.read(model).eos());
    ends.add(tokenizer.eosId());
    GenerationConfig generation =
        new GenerationConfig(
            Math.min(TOKENS, most) - 1, new SamplingConfig(1, 1, 0), List.of(), ends, AT_ONCE);
    List<Completion> completions =
        new TextGenerator(engine, tokenizer)
            .generate(Collections.nCopies(texts, new int[] {begin}), generation);
    StringBuilder lines = new StringBuilder();
    for (Completion completion : completions) {
      ObjectNode line = JSON.createObjectNode().put("text", completion.text());
      ArrayNode tokens = line.putArray("tokens").add(begin);
      Arrays.stream(completion.tokenIds()).forEach(tokens::add);
      if (completion.reason() == FinishReason.STOP) {
        tokens.add(tokenizer.eosId());
      }
      lines.append(line).append('\n');
    }
    FileOutput.write(folder.resolve(FILE), lines.toString());
  }

  /** What texts begin with where nothing is put in front of them: what ends the one before. */
  private static int begin(Tokenizer tokenizer) {
    int[] added = tokenizer.beginIds();
    return added.length > 0 ? added[0] : tokenizer.bosId().orElse(tokenizer.eosId());
  }

  /** {@return the texts} @param folder that they were written to */
  static Source read(Path folder) throws IOException {
    List<EncodedSample> samples = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(FILE))) {
      int[] tokens = JSON.treeToValue(JSON.readTree(line).path("tokens"), int[].class);
      boolean[] carriesLoss = new boolean[tokens.length];
      Arrays.fill(carriesLoss, 1, tokens.length, true);
      samples.add(new EncodedSample("text " + samples.size(), Origin.UNKNOWN, tokens, carriesLoss));
    }
    return new Source(StudyDefinition.BASE_TEXT, samples);
  }
}
