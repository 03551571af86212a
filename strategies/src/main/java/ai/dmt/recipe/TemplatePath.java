package ai.dmt.recipe;

import ai.dmt.data.TemplateNames;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/** Makes the file of {@code data.template} absolute, so that a recipe can be saved elsewhere. */
final class TemplatePath {
  private TemplatePath() {}

  /** The same recipe; {@code folder} is what a relative path begins at. */
  static YamlNode resolve(YamlNode root, Path folder) {
    if (root instanceof YamlNode.Fields recipe
        && recipe.fields().get("data") instanceof YamlNode.Fields data
        && data.fields().get("template") instanceof YamlNode.Scalar template
        && template.kind() == YamlNode.Kind.STRING
        && TemplateNames.isFile(template.text())) {
      String path = folder.resolve(template.text()).normalize().toString();
      return with(
          recipe,
          "data",
          with(data, "template", new YamlNode.Scalar(template.where(), path, template.kind())));
    }
    return root;
  }

  private static YamlNode.Fields with(YamlNode.Fields fields, String key, YamlNode value) {
    LinkedHashMap<String, YamlNode> changed = new LinkedHashMap<>(fields.fields());
    changed.put(key, value);
    return new YamlNode.Fields(fields.where(), changed);
  }
}
