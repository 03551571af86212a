package ai.dmt.cli;

import ai.dmt.audit.AuditReport;
import ai.dmt.audit.SourceAudit;
import ai.dmt.dashboard.DataDashboard;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SourceFiles;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import ai.dmt.run.PreparationRun;
import ai.dmt.run.PreparationStatus;
import ai.dmt.run.SampleText;
import ai.dmt.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt prepare}: tokenises and audits the data of a recipe. */
@Command(
    name = "prepare",
    description = {
      "Tokenises the sources of a recipe on all cores, keeps the samples in a cache, and audits"
          + " them.",
      "Tells lengths, what is cut and left out and why, copies, overlap with benchmarks.",
      "Needs the tokenizer of the model folder, neither weights nor libtorch."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class PrepareCommand implements Callable<Integer> {
  /** Samples of a source on a page, at least. */
  private static final int ON_PAGE = 5;

  @Spec private CommandSpec spec;
  @Mixin private RecipeWords recipe;
  @Mixin private CacheOptions cache;
  @Mixin private ProgressOptions progress;

  @Option(
      names = "--benchmark",
      paramLabel = "NAME=FILE",
      description = {
        "Look for the prompts of a benchmark in the data: gsm8k=test.jsonl,",
        "humaneval=HumanEval.jsonl.gz, mtbench=question.jsonl, or others like them. May come again."
      })
  private List<String> benchmarks = List.of();

  @Option(names = "--fail-on-overlap", description = "Exit with 2 if such a prompt is found.")
  private boolean failsOnOverlap;

  @Option(
      names = "--show",
      paramLabel = "N",
      description = "Print N samples of each source as text: the first N of every subset of it.")
  private int shown;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the whole audit as JSON.")
  private Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = {
        "Write the audit as one HTML page: lengths, masks coloured on samples, copies, overlap,"
            + " drops",
        "by reason. Shows as many samples as --show, and at least 5 of each source."
      })
  private Path page;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "AUTO",
      description = "Show loss in colour, not in [[ ]]: auto, always or never.")
  private Colour colour;

  /** When to colour. */
  private enum Colour {
    AUTO,
    ALWAYS,
    NEVER
  }

  @Override
  public Integer call() throws IOException {
    if (shown < 0) {
      throw new ParameterException(spec.commandLine(), "--show must be 0 or more, got " + shown);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (page != null) {
      WholeFile.demandWritable("--report", page);
    }
    AuditText text = new AuditText(progress.said(out), marks());
    Recipe read = recipe.read();
    DataDashboard dashboard = new DataDashboard(read.name());
    int examples = page == null ? shown : Math.max(shown, ON_PAGE);
    AuditReport report =
        new PreparationRun(read, cache.use(err), benchmarkFiles(), examples)
            .run(new All(text, dashboard, progress.line().map(PreparationStatus::new)));
    Terminal.line().end();
    text.print(report);
    if (page != null) {
      dashboard.write(report, page);
    }
    if (json != null) {
      report.write(json);
    }
    if (progress.quiet) {
      printEnd(out, report);
    }
    if (report.overlap().isEmpty()) {
      return ExitCode.OK;
    }
    err.println("dmt: " + AuditText.warning(report));
    err.flush();
    return failsOnOverlap ? ExitCode.USAGE : ExitCode.OK;
  }

  /** What there is now, and where. */
  private void printEnd(PrintWriter out, AuditReport report) {
    out.print(
        Units.format(
            "%s sources prepared, %s samples",
            report.sources().size(),
            Units.count(report.sources().stream().mapToLong(SourceAudit.Report::samples).sum())));
    Stream.of(page, json).filter(Objects::nonNull).forEach(file -> out.print("; " + file));
    out.println();
    out.flush();
  }

  /** The terminal gets the samples that were asked for, the page all. */
  private final class All implements PreparationRun.Listener {
    private final AuditText text;
    private final DataDashboard dashboard;
    private final Optional<PreparationStatus> status;

    All(AuditText text, DataDashboard dashboard, Optional<PreparationStatus> status) {
      this.text = text;
      this.dashboard = dashboard;
      this.status = status;
    }

    @Override
    public void onStart(List<SourceFiles> sources) {
      status.ifPresent(each -> each.onStart(sources));
    }

    @Override
    public void onSourceStart(String source) {
      status.ifPresent(each -> each.onSourceStart(source));
    }

    @Override
    public void onSample(EncodedSample sample) {
      status.ifPresent(each -> each.onSample(sample));
    }

    @Override
    public void onSource(SourceAudit.Report report, boolean cached, Duration took) {
      text.onSource(report, cached, took);
    }

    @Override
    public void onExamples(String source, List<EncodedSample> examples, Tokenizer tokenizer) {
      text.onExamples(source, examples.subList(0, Math.min(shown, examples.size())), tokenizer);
      dashboard.onExamples(source, examples, tokenizer);
    }
  }

  private SampleText marks() {
    boolean coloured = colour == Colour.ALWAYS || (colour == Colour.AUTO && Terminal.isColoured());
    return coloured ? SampleText.COLOUR : SampleText.BRACKETS;
  }

  private Map<String, Path> benchmarkFiles() {
    Map<String, Path> files = new LinkedHashMap<>();
    for (String word : benchmarks) {
      KeyValues.Pair pair = KeyValues.cut(word, "NAME=FILE", spec.commandLine());
      if (files.put(pair.name(), Path.of(pair.value())) != null) {
        throw new ParameterException(
            spec.commandLine(), "--benchmark %s is given twice".formatted(pair.name()));
      }
    }
    return files;
  }
}
