package ai.dmt.cli;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.SampleEncoder;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.Pooling;
import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Faults;
import ai.dmt.model.Model;
import ai.dmt.report.Fonts;
import ai.dmt.report.Table;
import ai.dmt.representation.AbilityTags;
import ai.dmt.representation.Queries;
import ai.dmt.representation.QueryStates;
import ai.dmt.representation.RepresentationReport;
import ai.dmt.representation.RepresentationStudy;
import ai.dmt.representation.Representations;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt analyze representations}: looks at the hidden states of two models. */
@Command(
    name = "representations",
    description = {
      "Compares what two models make of the same queries: hidden states of one layer by PCA and"
          + " t-SNE, and for each layer what linear probes tell and the models' similarity (CKA).",
      "Where rows of a source are tagged with another source's name, a probe of abilities is tested"
          + " on them, too."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class AnalyzeRepresentationsCommand implements Callable<Integer> {
  private static final int TOKENS_AT_ONCE = 4096;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The base model. Its tokenizer and template write the queries for both.")
  private Path model;

  @Option(
      names = "--compare",
      required = true,
      paramLabel = "DIR",
      description = "The other model, of the same shape.")
  private Path compare;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "NAME=FILE",
      description = "Sources, two or more; a name may come again with another file.")
  private List<String> data = List.of();

  @Option(
      names = "--layer",
      paramLabel = "N",
      description =
          "Layer of the figures, 0 for the embedding. Default: 15 as in the paper, or the middle of"
              + " a model with fewer than 30.")
  private Integer layer;

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "100",
      description = "Queries of each source (default: ${DEFAULT-VALUE}).")
  private int queries;

  @Option(
      names = "--pooling",
      paramLabel = "WORD",
      defaultValue = "mean",
      description = "mean of a query's tokens, or the last one (default: ${DEFAULT-VALUE}).")
  private String pooling;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the draw, the probe's folds and t-SNE (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder for report.html, report.md, figures and representations.json.")
  private Path output;

  @Mixin private TemplateOption template;
  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    new Faults("analyze representations")
        .require(
            queries >= Queries.LEAST,
            "--queries must be %s or more, got %s".formatted(Queries.LEAST, queries))
        .require(
            pooling.equals("mean") || pooling.equals("last"),
            "--pooling must be mean or last, got " + pooling)
        .throwIfAny();
    Fonts.require();
    OutputPlace.demandWritable("--output", output, List.of("representations.json"));
    List<SourceFiles> files = KeyValues.sources(data, List.of(), spec.commandLine());
    EngineConfig config = compute.applyTo(EngineConfig.inference());
    try (Model base = Model.open(model, config);
        Model other = Model.open(compare, config)) {
      Queries drawn = Queries.draw(read(files, base), AbilityTags.read(files), queries, seed);
      Representations found = find(base, other, drawn);
      RepresentationReport report = new RepresentationReport(found);
      OutputPlace.make(output);
      report.report().write(output);
      FileOutput.write(output.resolve("representations.json"), json(found) + "\n");
      Table table = report.table();
      List<List<String>> rows = new ArrayList<>(List.of(table.header()));
      rows.addAll(table.rows());
      PrintWriter out = spec.commandLine().getOut();
      out.print(TextTable.of(rows, 1));
      out.flush();
    }
    return ExitCode.OK;
  }

  private List<Source> read(List<SourceFiles> files, Model base) {
    ChatTemplate chosen = template.of(model);
    SampleLimits limits = SampleLimits.truncateAt(base.info().maxPositionEmbeddings());
    List<Source> sources = new ArrayList<>();
    for (SourceFiles each : files) {
      SampleEncoder encoder =
          new SampleEncoder(
              chosen,
              base.tokenizer(),
              new SampleLimits(
                  limits.sequenceLength(), limits.overlong(), SampleLimits.AllMasked.DROP));
      sources.add(encoder.readSource(each.name(), each.files(), Long.MAX_VALUE));
    }
    return sources;
  }

  private Representations find(Model base, Model other, Queries drawn) {
    int layers = base.engine().model().layers();
    int others = other.engine().model().layers();
    int chosen = layer == null ? RepresentationStudy.usualLayer(layers) : layer;
    new Faults("analyze representations")
        .require(
            others == layers && other.info().vocabSize() == base.info().vocabSize(),
            "models must have the same shape: %s has %s layers and %s words, %s has %s and %s"
                .formatted(
                    model,
                    layers,
                    base.info().vocabSize(),
                    compare,
                    others,
                    other.info().vocabSize()))
        .require(
            chosen >= 0 && chosen <= layers,
            "--layer must be in 0 to %s, got %s".formatted(layers, chosen))
        .throwIfAny();
    Pooling pooled = Pooling.valueOf(pooling.toUpperCase(Locale.ROOT));
    List<QueryStates> states = new ArrayList<>();
    for (Model each : List.of(base, other)) {
      states.add(QueryStates.of(each.engine(), drawn.prompts(), pooled, TOKENS_AT_ONCE));
    }
    return RepresentationStudy.of(drawn, names(), states, chosen, List.of(0, 1), seed);
  }

  /** The folders' own names, or all of their paths where those are equal. */
  private List<String> names() {
    String base = model.toAbsolutePath().normalize().getFileName().toString();
    String other = compare.toAbsolutePath().normalize().getFileName().toString();
    return base.equals(other)
        ? List.of(model.toString(), compare.toString())
        : List.of(base, other);
  }

  private String json(Representations found) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("schema", 2);
    root.put("model", model.toString()).put("compare", compare.toString());
    root.put("pooling", pooling).put("queries", queries).put("seed", seed);
    root.set("layers", mapper.valueToTree(found.layers()));
    return root.toPrettyString();
  }
}
