package ai.dmt.cli;

import ai.dmt.data.ChatTemplate;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.model.Model;
import ai.dmt.serve.ChatServer;
import ai.dmt.serve.ServerSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt serve}: a model behind HTTP. */
@Command(
    name = "serve",
    description = {
      "Answers over HTTP in the form of OpenAI's API: chat completions, completions and models,"
          + " streamed where a client asks for it. Requests that come together are decoded"
          + " together.",
      "With --adapter requests choose among the model and its adapters, by the field model; those of"
          + " different ones are decoded together, too.",
      "A signal (SIGTERM, Ctrl-C) ends it gracefully, a second one at once."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by a signal, after the answers that were under way",
      "1:failed",
      "2:the command line, the model's files, the port or the key is at fault"
    })
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = ModelWords.PLACES)
  private Path model;

  @Mixin private BaseOption base;

  @Option(
      names = "--adapter",
      paramLabel = "NAME=DIR",
      description =
          "An adapter of the model, PEFT's folder, and what requests call it; repeatable.")
  private List<String> adapters = List.of();

  @Mixin private ListenOptions listen;

  @Option(
      names = "--model-name",
      paramLabel = "NAME",
      description = "What requests call the model (default: name of its folder).")
  private String name;

  @Mixin private TemplateOption template;

  @Option(
      names = "--batch-size",
      defaultValue = "16",
      paramLabel = "N",
      description = "Requests that are decoded at once (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--max-queue",
      defaultValue = "256",
      paramLabel = "N",
      description =
          "Requests that may wait; more are refused with status 429 (default: ${DEFAULT-VALUE}).")
  private int maxQueue;

  @Option(
      names = "--max-model-len",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Tokens of a prompt and its answer together; 0 for the model's positions (default:"
              + " ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--time-limit",
      defaultValue = "600",
      paramLabel = "SECONDS",
      description = "For a request, waiting included (default: ${DEFAULT-VALUE}).")
  private double timeLimit;

  @Option(
      names = "--grace",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "For answers that are under way at a signal (default: ${DEFAULT-VALUE}).")
  private double grace;

  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (base.given() && !adapters.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--base is of --model where that is an adapter; with --adapter, --model is their base");
    }
    model = ModelWords.folder(model, spec.commandLine().getErr());
    base.check(model);
    EngineConfig engine = compute.applyTo(EngineConfig.inference());
    ServerSettings settings = settings();
    Duration graceTime = seconds(grace);
    NativeRuntime.requireDevice(engine.device().at(0));
    try (Model loaded = open(engine)) {
      loaded.tokenizer().notes().forEach(note -> template.tell("warning: " + note));
      try (ChatServer server = ChatServer.start(loaded, settings, template::tell)) {
        StopSignals.onFirst(() -> end(server, graceTime));
        PrintWriter out = spec.commandLine().getOut();
        out.println(server.baseUrl());
        out.flush();
        server.awaitEnd();
      }
    }
    return ExitCode.OK;
  }

  private Model open(EngineConfig engine) {
    return adapters.isEmpty()
        ? base.open(model, engine)
        : Model.open(model, adapterFolders(), engine);
  }

  private Map<String, Path> adapterFolders() {
    Map<String, Path> folders = new LinkedHashMap<>();
    KeyValues.settings(adapters, "NAME=DIR", spec.commandLine())
        .forEach((adapter, folder) -> folders.put(adapter, Path.of(folder)));
    return folders;
  }

  private ServerSettings settings() {
    ServerSettings settings =
        ServerSettings.local(listen.port)
            .withHost(listen.host)
            .withKey(listen.key())
            .withModelName(Optional.ofNullable(name))
            .withBatchSize(batchSize)
            .withMaxTokens(maxTokens)
            .withQueueLimit(maxQueue)
            .withTimeLimit(seconds(timeLimit));
    ChatTemplate ofModel = base.template(template, model); // tells what is not obvious of it
    return template.word().isPresent() ? settings.withTemplate(ofModel) : settings;
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private void end(ChatServer server, Duration graceTime) {
    template.tell("stopping when the answers under way have ended; once more to quit at once");
    try {
      server.stop(graceTime);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed already
    }
  }
}
