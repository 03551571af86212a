package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.internal.text.Printable;
import ai.dmt.model.Chat;
import ai.dmt.model.Model;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt chat}: a conversation in the terminal, or with lines of standard input. */
@Command(
    name = "chat",
    description = {
      "Talks with a model: each line of standard input is a message, the answer appears while it"
          + " grows. Earlier messages and answers are part of the prompt.",
      "/system TEXT, /reset, /help and /quit are commands. A line that ends in a backslash goes on"
          + " in the next one; \"\"\" begins and ends a message of several lines."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ChatCommand implements Callable<Integer> {
  private static final String HELP =
      String.join(
          "\n",
          "/system TEXT   what stands before the conversation; without a text, nothing",
          "/reset         forget what was said",
          "/help          this",
          "Ctrl-C         end the answer; between answers, the chat",
          "/quit          end, as does the end of the input",
          "A line that ends in \\ goes on in the next one; \"\"\" begins and ends a message of"
              + " several lines.");

  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = ModelWords.PLACES)
  private Path model;

  @Mixin private BaseOption base;

  @Option(
      names = "--system",
      defaultValue = "",
      paramLabel = "TEXT",
      description = "What stands before the conversation, as /system sets it.")
  private String system;

  @Mixin private TemplateOption template;
  @Mixin private SamplingOptions sampling;
  @Mixin private ComputeOptions compute;

  private final AtomicBoolean answering = new AtomicBoolean();

  @Override
  public Integer call() throws IOException {
    model = ModelWords.folder(model, spec.commandLine().getErr());
    base.check(model);
    EngineConfig engine = compute.applyTo(EngineConfig.inference());
    GenerationConfig generation = sampling.generation();
    ChatTemplate writer = base.template(template, model);
    NativeRuntime.requireDevice(engine.device().at(0));
    try (Model loaded = base.open(model, engine)) {
      loaded.tokenizer().notes().forEach(note -> template.tell("warning: " + note));
      loaded.engine(); // a model that cannot be loaded is told before somebody types
      Chat chat = new Chat(loaded, writer, generation);
      chat.setSystem(system);
      if (Terminal.isTerminal()) {
        StopSignals.onEachInterrupt(() -> interrupt(chat));
      }
      talk(chat);
    }
    return ExitCode.OK;
  }

  private void talk(Chat chat) throws IOException {
    boolean terminal = Terminal.isTerminal();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    ChatInput input = new ChatInput(lines, () -> prompt(terminal, "... "));
    if (terminal) {
      prompt(true, "/help lists commands, /quit ends\n");
    }
    while (true) {
      prompt(terminal, "> ");
      Optional<ChatInput.Message> message = input.next();
      if (message.isEmpty() || !answer(chat, message.get())) {
        return;
      }
    }
  }

  /** Ends an answer, and the chat where there is none, or where one was asked to end before. */
  private void interrupt(Chat chat) {
    if (answering.compareAndSet(true, false)) {
      chat.stop();
    } else {
      StopSignals.quit();
    }
  }

  private void prompt(boolean terminal, String text) {
    if (terminal) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(text);
      out.flush();
    }
  }

  /** Does what a message wants. @return false if it ends the chat */
  private boolean answer(Chat chat, ChatInput.Message message) {
    String text = message.text();
    if (message.literal() || !text.startsWith("/")) {
      if (!text.isBlank()) {
        say(chat, text);
      }
      return true;
    }
    String[] words = text.split("\\s+", 2);
    switch (words[0]) {
      case "/quit", "/exit" -> {
        return false;
      }
      case "/reset" -> chat.reset();
      case "/system" -> chat.setSystem(words.length > 1 ? words[1].strip() : "");
      case "/help" -> {
        PrintWriter out = spec.commandLine().getOut();
        out.println(HELP);
        out.flush();
      }
      default ->
          template.tell(
              "there is no command %s; /help lists them, and a message in \"\"\" is never one"
                  .formatted(Printable.value(words[0])));
    }
    return true;
  }

  private void say(Chat chat, String text) {
    PrintWriter out = spec.commandLine().getOut();
    answering.set(true);
    try {
      Chat.Answer answer =
          chat.say(
              text,
              piece -> {
                out.print(
                    Printable.text(piece)); // what a terminal obeys must not come from a model
                out.flush();
              });
      out.println();
      out.flush();
      if (answer.forgottenTurns() > 0) {
        template.tell(
            "the oldest %s turns are forgotten: the model has no room for them"
                .formatted(answer.forgottenTurns()));
      }
      switch (answer.reason()) {
        case LENGTH -> template.tell("the answer ends at its limit of tokens");
        case CANCELLED -> template.tell("the answer was ended; once more, and the chat is");
        case STOP -> {}
      }
    } catch (ConfigException | DataException e) { // the chat goes on without this message
      template.tell(e.getMessage());
    } finally {
      answering.set(false);
    }
  }
}
