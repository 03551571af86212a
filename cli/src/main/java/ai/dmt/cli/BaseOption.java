package ai.dmt.cli;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.engine.EngineConfig;
import ai.dmt.model.Model;
import ai.dmt.model.ModelInfo;
import ai.dmt.run.RankIdentity;
import ai.dmt.train.RunIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where an adapter's base lies: an option of all commands that open one model. */
final class BaseOption {
  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "Where the model is an adapter: its base (default: the one that it names).")
  private @Nullable Path base; // null where it is not given

  boolean given() {
    return base != null;
  }

  /**
   * Demands that a folder is a model, which is a better message than its template.
   *
   * @throws ConfigException if it is none, or a base is given for a model that is no adapter
   */
  void check(Path model) {
    if (base == null) {
      ModelInfo.read(model);
    } else {
      ModelInfo.read(adapter(model, base));
    }
  }

  Model open(Path model, EngineConfig config) {
    return base == null ? Model.open(model, config) : Model.open(adapter(model, base), config);
  }

  ChatTemplate template(TemplateOption template, Path model) {
    return base == null ? template.of(model) : template.of(adapter(model, base));
  }

  RunIdentity identity(Path model) {
    return base == null ? RankIdentity.ofModel(model) : RankIdentity.ofModel(adapter(model, base));
  }

  private static AdapterFolder adapter(Path model, Path base) {
    if (!Files.isDirectory(model)) {
      ModelInfo.read(model); // says so
    }
    if (!AdapterFolder.isAdapter(model)) {
      throw new ConfigException(
          "--base is of an adapter, and %s is none: expected %s and no config.json in it"
              .formatted(model, AdapterFolder.CONFIG));
    }
    return AdapterFolder.read(model, base);
  }
}
