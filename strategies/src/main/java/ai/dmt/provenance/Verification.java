package ai.dmt.provenance;

import ai.dmt.config.ConfigException;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What of a run, a saved model or a study is not as it was recorded, see {@link
 * ai.dmt.run.RunFolder#verify}.
 *
 * @param changes in the order recipe, data, base, saved models, checkpoints; empty if all is as it
 *     was
 * @param notes what is worth knowing and no change: another version of dmt, another processor
 * @param checked what was looked at, for people
 */
public record Verification(List<Change> changes, List<String> notes, List<String> checked) {
  private static final int DIGITS = 12; // of a digest that people compare
  private static final int MOST_NAMED = 12; // models, before they are only counted

  /**
   * Copies the lists.
   *
   * @param changes see {@link #changes()}
   * @param notes see {@link #notes()}
   * @param checked see {@link #checked()}
   */
  public Verification {
    changes = List.copyOf(changes);
    notes = List.copyOf(notes);
    checked = List.copyOf(checked);
  }

  /**
   * Settings of a folder, to be compared with the recorded ones.
   *
   * @param file that has them
   * @param recorded complete with defaults
   * @param actual reads them, complete with defaults
   */
  public record Settings(Path file, JsonNode recorded, Supplier<JsonNode> actual) {}

  /**
   * Compares what a folder's record says with the files as they are; all of them are read.
   *
   * @param folder with checkpoints, if it has any
   * @param record of the folder
   * @param settings the recipe or definition; null where the folder has none
   * @param models that were saved there, by what they are
   * @return what has changed
   * @throws IOException if a folder cannot be read
   */
  public static Verification of(
      Path folder, Provenance record, @Nullable Settings settings, Map<String, Path> models)
      throws IOException {
    Verifier verifier = new Verifier();
    List<String> checked = new ArrayList<>();
    if (settings != null) {
      checked.add("recipe");
      compare(verifier, settings);
    }
    inputs(verifier, record, RowSums.read(folder), checked);
    models.forEach(
        (what, model) -> {
          verifier.saved(what, model);
          sameRun(verifier, record, model);
        });
    checked.addAll(
        models.size() > MOST_NAMED ? List.of(models.size() + " models") : models.keySet());
    checkpoints(verifier, folder, checked);
    return new Verification(verifier.changes(), notes(record), checked);
  }

  /** Settings that cannot be read any more say so themselves. */
  private static void compare(Verifier verifier, Settings settings) {
    if (!Files.exists(settings.file())) {
      verifier.fault("recipe", settings.file(), "there", Change.MISSING);
      return;
    }
    try {
      verifier.settings(settings.file(), settings.recorded(), settings.actual().get());
    } catch (ConfigException e) {
      verifier.fault("recipe", settings.file(), "valid", String.join("; ", e.faults()));
    }
  }

  private static void inputs(
      Verifier verifier, Provenance record, RowSums rows, List<String> checked) {
    record
        .files()
        .forEach(
            (what, files) -> {
              checked.add(what);
              verifier.data(what, files, rows);
            });
    record
        .models()
        .forEach(
            (name, model) -> {
              checked.add(name);
              verifier.model(name, model);
            });
  }

  /** A whole model of another run is no model of this one. */
  private static void sameRun(Verifier verifier, Provenance record, Path folder) {
    Provenance own = Provenance.find(folder);
    if (own == null) {
      if (Files.isDirectory(folder)) {
        verifier.fault("record", folder.resolve(Provenance.NAME), "there", Change.MISSING);
      }
      return;
    }
    if (!own.models().equals(record.models()) || !own.files().equals(record.files())) {
      verifier.fault(
          "record", folder.resolve(Provenance.NAME), "this run's", "of other data or another base");
    }
  }

  private static void checkpoints(Verifier verifier, Path folder, List<String> checked)
      throws IOException {
    List<Path> all = CheckpointFolder.find(folder);
    for (Path path : all) {
      try {
        Checkpoint.open(path)
            .faults()
            .forEach(fault -> verifier.fault("checkpoint", path, "whole", fault));
      } catch (CheckpointException e) {
        verifier.fault("checkpoint", path, "whole", e.getMessage());
      }
    }
    if (!all.isEmpty()) {
      checked.add(all.size() == 1 ? "1 checkpoint" : all.size() + " checkpoints");
    }
  }

  private static List<String> notes(Provenance record) {
    Map<String, String> here = Provenance.maker(Map.of());
    Map<String, String> there = record.made().get(record.made().size() - 1);
    List<String> notes = new ArrayList<>();
    here.forEach(
        (name, value) -> {
          String recorded = there.getOrDefault(name, "unknown");
          if (!recorded.equals(value)) {
            notes.add("made with %s %s, here is %s".formatted(name, cut(recorded), cut(value)));
          }
        });
    for (ModelSums model : record.models().values()) {
      if (model.files().stream().anyMatch(file -> file.sha256().isEmpty())) {
        notes.add(
            "%s has more than 1 GiB of weights: of each 4 MiB of a tensor 64 KiB are compared"
                .formatted(model.folder()));
      }
    }
    return notes;
  }

  private static String cut(String value) {
    return value.length() == 64 ? value.substring(0, DIGITS) : value;
  }
}
