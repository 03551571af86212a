package ai.dmt;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.tokenizer.ByteLevelFile;
import ai.dmt.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small model, a byte a token, that has learnt some answers by heart. */
public final class LearntModel {
  private static final int IGNORED = -100;
  private static final int STEPS = 80;
  private static final int ADAPTER_STEPS = 240; // it has fewer weights to learn by heart with

  private final Path folder;
  private final int positions;
  private final List<EncodedSample> samples = new ArrayList<>();

  /** A model of no answers yet. @param positions longest sequence in tokens */
  public LearntModel(Path folder, int positions) throws IOException {
    this.folder = folder;
    this.positions = positions;
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("tokenizer.json"), ByteLevelFile.text());
  }

  /** Adds an answer. @param template such as vicuna_v1.1; plain for a prompt that goes on */
  public LearntModel with(String template, String prompt, String answer) {
    return with(template, answer, Turn.user(prompt));
  }

  /** Adds an answer. @param asked turns before it */
  public LearntModel with(String template, String answer, Turn... asked) {
    List<Turn> turns = new ArrayList<>(List.of(asked));
    turns.add(new Turn(Role.ASSISTANT, answer));
    Conversation conversation = Conversation.of(turns.toArray(Turn[]::new));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      samples.add(ChatTemplate.byName(template).encode(conversation, tokenizer));
    }
    return this;
  }

  /** Learns, and writes the folder. */
  public Path write() throws IOException {
    ModelConfig shape = ModelConfig.llama(258, 64, 128, 2, 4, 4, positions);
    try (NativeEngine engine = NativeEngine.create(shape, 1, EngineConfig.defaults())) {
      learn(engine, STEPS);
      save(engine, "config.json", "model.safetensors");
    }
    return folder;
  }

  /**
   * Learns as an adapter of another model, and writes PEFT's folder. @param base that is written
   */
  public Path writeAdapter(Path base) throws IOException {
    AdapterConfig adapter = AdapterConfig.lora(8, 16).withSeed(3);
    try (NativeEngine engine =
        NativeEngine.open(base, EngineConfig.defaults().withAdapter(adapter))) {
      learn(engine, ADAPTER_STEPS);
      save(engine, AdapterFolder.CONFIG, AdapterFolder.WEIGHTS, "dmt_adapter.json");
    }
    return folder;
  }

  private void learn(NativeEngine engine, int steps) {
    int labels = samples.stream().mapToInt(EncodedSample::labelTokens).sum();
    for (int step = 0; step < (samples.isEmpty() ? 0 : steps); step++) {
      for (EncodedSample sample : samples) {
        engine.accumulate(MicroBatch.of(sample.tokenIds(), labels(sample)), 1.0 / labels);
      }
      engine.apply(5e-3);
    }
  }

  private void save(NativeEngine engine, String... names) throws IOException {
    Path trained = folder.resolveSibling(folder.getFileName() + "-weights");
    engine.save(trained, DType.FLOAT32);
    for (String name : names) {
      Files.move(trained.resolve(name), folder.resolve(name));
    }
  }

  private static int[] labels(EncodedSample sample) {
    int[] labels = new int[sample.tokenIds().length];
    for (int t = 0; t < labels.length; t++) {
      boolean learnt = t + 1 < labels.length && sample.carriesLoss()[t + 1];
      labels[t] = learnt ? sample.tokenIds()[t + 1] : IGNORED;
    }
    return labels;
  }
}
