package ai.dmt.cli;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.DType;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.engine.RankGroups;
import ai.dmt.internal.text.Units;
import ai.dmt.run.EngineFacts;
import ai.dmt.run.SampleText;
import ai.dmt.run.SourceData;
import ai.dmt.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** What is printed before a run: data, settings, then the engine and its memory. */
final class TrainBanner {
  /** Of the first sample; enough to see the template and the marks. */
  private static final int SAMPLE_TOKENS = 400;

  private final PrintWriter out;
  private final SampleText marks;

  TrainBanner(PrintWriter out, SampleText marks) {
    this.out = out;
    this.marks = marks;
  }

  private void firstSample(SourceData first, Tokenizer tokenizer) {
    print(
        "first sample (%s), loss on %sthis%s%n",
        first.train().samples().get(0).origin(), marks.begin(), marks.end());
    out.println(
        marks
            .render(first.train().samples().get(0), tokenizer, SAMPLE_TOKENS)
            .indent(2)
            .stripTrailing());
  }

  /** Table of sources, and the first sample of the first one. */
  void sources(List<SourceData> sources, Tokenizer tokenizer) {
    print(
        "%-20s %9s %9s %12s %12s  %s%n",
        "sources", "samples", "held out", "tokens", "label tokens", "cut and left out");
    for (SourceData source : sources) {
      print(
          "  %-18s %9s %9s %12s %12s  %s%n",
          source.name(),
          Units.count(source.train().samples().size()),
          Units.count(source.heldOut().samples().size()),
          Units.count(source.train().tokens()),
          Units.count(source.train().labelTokens()),
          source.drops().isEmpty() ? "nothing" : source.drops());
    }
    tokenizer.notes().forEach(note -> print("warning    %s%n", note));
    firstSample(sources.get(0), tokenizer);
  }

  /** Model, types and memory. */
  void engine(Path folder, EngineFacts facts) {
    ModelConfig model = facts.model();
    EngineConfig config = facts.config();
    print(
        "model      %s: %s parameters, %d layers, hidden %d, %d heads (%d for keys), vocabulary"
            + " %s%n",
        folder,
        Units.parameters(facts.parameters()),
        model.layers(),
        model.hiddenSize(),
        model.heads(),
        model.kvHeads(),
        Units.count(model.vocabSize()));
    print(
        "compute    libtorch %s, %s, %d threads, weights %s, master weights %s, gradients %s,"
            + " moments %s, recompute %s%n",
        facts.torchVersion(),
        device(config),
        facts.threads(),
        config.computeDType().text(),
        masterWeights(config),
        config.gradientDType().text(),
        config.adamW().states().text(),
        config.recompute().text());
    config.adapter().ifPresent(adapter -> adapter(adapter, facts));
    RankGroups ranks = config.ranks();
    if (ranks.worldSize() > 1) {
      print(
          "ranks      %d, %d per node, sharding %s, gradients travel in %s by %s with each %s%n",
          ranks.worldSize(),
          ranks.nodeSize(),
          config.sharding().mode().text(),
          travelling(config).text(),
          config.sharding().reduceCollective().text().replace('_', '-'),
          config.sharding().gradientReduction() == GradientReduction.STEP ? "step" : "micro-batch");
    }
    memory(ranks.worldSize() > 1 ? "rank 0" : "memory", facts.plan(), "up to ");
  }

  private void adapter(AdapterConfig adapter, EngineFacts facts) {
    List<String> targets =
        adapter.sizes().entrySet().stream()
            .map(each -> "%s %s".formatted(each.getKey().text(), each.getValue().rank()))
            .toList();
    print(
        "adapter    %s parameters, ranks %s, dropout %s, base weights %s%n",
        Units.parameters(AdapterShapes.parameters(facts.model(), adapter)),
        String.join(", ", targets),
        adapter.dropout(),
        facts.config().baseWeights().text());
  }

  private static String device(EngineConfig config) {
    DeviceConfig device = config.device().at(config.ranks().localRank());
    return device.isCuda()
        ? "GPU %s of %s".formatted(device.index(), NativeRuntime.gpuReport())
        : "CPU";
  }

  /** What is added up in bfloat16 travels in it. */
  private static DType travelling(EngineConfig config) {
    return config.gradientDType() == DType.BFLOAT16
        ? DType.BFLOAT16
        : config.sharding().reduceDType();
  }

  private static String masterWeights(EngineConfig config) {
    if (config.computeDType() == DType.FLOAT32) {
      return "are the weights";
    }
    return config.adamW().states() == DType.FLOAT32
        ? "float32 in 16 bits more"
        : "none, rounded stochastically";
  }

  /** Bytes by purpose, at the end. */
  void memory(String label, MemoryAccount memory) {
    memory(label, memory, "");
  }

  private void memory(String label, MemoryAccount memory, String activations) {
    print(
        "%-10s weights %s, master %s, gradients %s, moments %s, %sactivations %s%s%n",
        label,
        Units.bytes(memory.weights()),
        Units.bytes(memory.masterWeights()),
        Units.bytes(memory.gradients()),
        Units.bytes(memory.optimizerStates()),
        memory.buffers() == 0 ? "" : "buffers " + Units.bytes(memory.buffers()) + ", ",
        activations,
        Units.bytes(memory.activationsPeak()));
    out.flush();
  }

  private void print(String pattern, Object... values) {
    out.print(Units.format(pattern, values));
  }
}
