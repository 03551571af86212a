package ai.dmt.cli;

import ai.dmt.completion.CompletionRun;
import ai.dmt.completion.CompletionWriter;
import ai.dmt.completion.PromptFile;
import ai.dmt.completion.PromptRecord;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.GrowingAnswer;
import ai.dmt.data.Origin;
import ai.dmt.data.Turn;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.generate.Completion;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.model.Model;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt generate}: completes a prompt, or a file of prompts. */
@Command(
    name = "generate",
    description = {
      "Completes one prompt to standard output, or a file of prompts to JSON lines.",
      "Lines of the file: {\"id\", \"prompt\"} or {\"id\", \"messages\": [{\"role\","
          + " \"content\"}]}."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = ModelWords.PLACES)
  private Path model;

  @Mixin private BaseOption base;

  @ArgGroup(multiplicity = "1")
  private Prompts prompts;

  /** One prompt or many. */
  private static final class Prompts {
    @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "One prompt.")
    private String text;

    @Option(
        names = "--input",
        required = true,
        paramLabel = "FILE.jsonl",
        description = "Many prompts.")
    private Path input;
  }

  @Option(
      names = "--output",
      paramLabel = "FILE.jsonl",
      description =
          "Completions of --input, in its order: id, prompt, completion, finish_reason, tokens"
              + " (default: standard output).")
  private Path output;

  @Mixin private TemplateOption template;

  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--batch-size",
      defaultValue = "16",
      paramLabel = "N",
      description = "Prompts that are worked on at once (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    model = ModelWords.folder(model, spec.commandLine().getErr());
    base.check(model);
    EngineConfig engine = engine();
    if (output != null) {
      WholeFile.demandWritable("--output", output);
    }
    NativeRuntime.requireDevice(engine.device().at(0));
    ChatTemplate chat = base.template(template, model);
    List<PromptRecord> records = prompts.text == null ? PromptFile.read(prompts.input) : one();
    try (Model loaded = base.open(model, engine)) {
      complete(records, chat, new CompletionRun(loaded, chat, generation(), template::tell));
    }
    return ExitCode.OK;
  }

  private List<PromptRecord> one() {
    Conversation conversation = Conversation.of(Turn.user(prompts.text));
    return List.of(new PromptRecord("prompt", Origin.UNKNOWN, prompts.text, conversation));
  }

  private void complete(List<PromptRecord> records, ChatTemplate chat, CompletionRun run)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (prompts.text != null) {
      run.complete(records, new Stream(chat, out));
    } else if (output == null) {
      run.complete(records, new CompletionWriter(records, chat, out));
      out.flush();
    } else {
      try (Writer writer = FileOutput.writer(output)) {
        run.complete(records, new CompletionWriter(records, chat, writer));
      }
    }
  }

  private EngineConfig engine() {
    return compute.applyTo(EngineConfig.inference());
  }

  private GenerationConfig generation() {
    return sampling.generation().withBatchSize(batchSize);
  }

  /** Prints an answer while it grows. */
  private static final class Stream implements GenerationListener {
    private final GrowingAnswer answer;
    private final PrintWriter out;

    Stream(ChatTemplate template, PrintWriter out) {
      this.answer = new GrowingAnswer(template);
      this.out = out;
    }

    @Override
    public void onText(int request, String piece) {
      out.print(answer.add(piece));
      out.flush();
    }

    @Override
    public void onCompletion(int request, Completion completion) {
      out.println();
      out.flush();
    }
  }
}
