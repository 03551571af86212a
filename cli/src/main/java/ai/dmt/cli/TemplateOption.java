package ai.dmt.cli;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.TemplateNames;
import ai.dmt.model.Model;
import ai.dmt.model.ModelTemplate;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How prompts are written: an option of all commands that generate. */
final class TemplateOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--template",
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = {
        "${COMPLETION-CANDIDATES}, or a file ending in .jinja or .json.",
        "none is the prompt alone, chat_template the model's own Jinja template.",
        "Default: the one in the model's dmt_template.json; without it the model's own"
            + " chat_template; without that vicuna_v1.1."
      })
  private String word;

  /** Names for the help. */
  private static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Names() {
      super(TemplateNames.all());
    }
  }

  /** What was given. */
  Optional<String> word() {
    return Optional.ofNullable(word);
  }

  /** The template for a model; what is not obvious is told on standard error. */
  ChatTemplate of(Path model) {
    return ModelTemplate.choose(model, word(), this::tell);
  }

  /** The same for an adapter, whose base is known. */
  ChatTemplate of(AdapterFolder adapter) {
    return ModelTemplate.choose(adapter, word(), this::tell);
  }

  /** The same for a model that is open. */
  ChatTemplate of(Model model) {
    return model.template(word(), this::tell);
  }

  /** Says a sentence on standard error. */
  void tell(String notice) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("dmt: " + notice);
    err.flush();
  }
}
