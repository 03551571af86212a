package ai.dmt.model;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.TemplateNames;
import ai.dmt.data.VicunaTemplate;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Chooses the template that a model's prompts are written with. */
public final class ModelTemplate {
  private ModelTemplate() {}

  /**
   * The template that was asked for; without one, that of dmt_template.json, which the model was
   * trained with; without that, the model's own Jinja template; without that, vicuna_v1.1. All but
   * the second, which is what a user expects, are told.
   *
   * @param model folder
   * @param asked see {@link TemplateNames}
   * @param notices takes sentences
   * @return the template that was chosen
   * @throws ai.dmt.config.ConfigException if a template cannot be used
   */
  public static ChatTemplate choose(Path model, Optional<String> asked, Consumer<String> notices) {
    return choose(model, model, asked, notices);
  }

  /**
   * The same for an adapter whose base may be another folder than its settings name.
   *
   * @param adapter the adapter's folder and its base
   * @param asked see {@link TemplateNames}
   * @param notices takes sentences
   * @return the template that was chosen
   * @throws ai.dmt.config.ConfigException if a template cannot be used
   */
  public static ChatTemplate choose(
      AdapterFolder adapter, Optional<String> asked, Consumer<String> notices) {
    return choose(adapter.folder(), adapter.tokenizer(), asked, notices);
  }

  private static ChatTemplate choose(
      Path model, Path withTokenizer, Optional<String> asked, Consumer<String> notices) {
    Optional<ChatTemplate> saved = TemplateFile.saved(model);
    if (asked.isPresent()) {
      ChatTemplate template = TemplateNames.find(asked.get(), withTokenizer);
      saved
          .filter(each -> !TemplateFile.content(each).equals(TemplateFile.content(template)))
          .ifPresent(
              each ->
                  notices.accept(
                      "warning: template %s is used, but %s was trained with %s"
                          .formatted(asked.get(), model, each.name())));
      return template;
    }
    if (saved.isPresent()) {
      return saved.get();
    }
    Optional<ChatTemplate> own = TemplateFile.own(withTokenizer);
    notices.accept(
        own.isPresent()
            ? "%s has no %s; its own chat_template is used".formatted(model, TemplateFile.NAME)
            : "%s has no %s and no chat_template of its own; %s is used, --template names another"
                .formatted(model, TemplateFile.NAME, VicunaTemplate.NAME));
    return own.orElseGet(VicunaTemplate::new);
  }
}
