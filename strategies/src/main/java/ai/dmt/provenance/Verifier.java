package ai.dmt.provenance;

import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.Sha256;
import ai.dmt.internal.files.TensorSums;
import ai.dmt.train.RunIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Looks at files one after the other and collects what is not as it was recorded. */
final class Verifier {
  private static final String ABSENT = "not set";

  private final List<Change> changes = new ArrayList<>();

  List<Change> changes() {
    return changes;
  }

  /** Compares settings key by key. */
  void settings(Path file, JsonNode recorded, JsonNode actual) {
    Map<String, String> before = RunIdentity.of(recorded).values();
    Map<String, String> now = RunIdentity.of(actual).values();
    Set<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    for (String key : keys) {
      String old = before.getOrDefault(key, ABSENT);
      String fresh = now.getOrDefault(key, ABSENT);
      if (!old.equals(fresh)) {
        changes.add(new Change("recipe: " + key, file.toString(), old, fresh));
      }
    }
  }

  /** A file that should be there and have been read, and is not or cannot be. */
  void fault(String what, Path file, String recorded, String actual) {
    changes.add(new Change(what, file.toString(), recorded, actual));
  }

  /** Compares data files; names the records of those that have changed. */
  void data(String what, List<FileSum> files, RowSums rows) {
    for (FileSum file : files) {
      if (differs(what, file)) {
        int[] recorded = rows.recorded(file.path());
        if (recorded != null && Files.isRegularFile(Path.of(file.path()))) {
          try {
            changes.addAll(RowChanges.of(what, file.path(), recorded));
          } catch (IOException e) {
            changes.add(new Change(what, file.path(), "records", Disk.reason(e)));
          }
        }
      }
    }
  }

  /** Compares the files of a model that something began with. */
  void model(String what, ModelSums model) {
    TensorSums tensors = new TensorSums(model.tensors());
    for (FileSum file : model.files()) {
      Path path = Path.of(file.path());
      boolean sampled = file.sha256().isEmpty();
      boolean differs = differs(what, file);
      if (differs || (sampled && Files.isRegularFile(path))) {
        tensors(what, tensors, path, model.stride());
      }
    }
    newFiles(what, model);
  }

  /** A second tokenizer file decides which one is read. */
  private void newFiles(String what, ModelSums model) {
    Path folder = Path.of(model.folder());
    Set<String> known = model.files().stream().map(FileSum::path).collect(Collectors.toSet());
    if (!Files.isDirectory(folder)) {
      return; // each of its files is missing already
    }
    try {
      for (Path file : ModelSums.files(folder)) {
        if (!known.contains(file.toAbsolutePath().normalize().toString())) {
          changes.add(Change.ofSums(what, file.toString(), "not there", Sha256.of(file)));
        }
      }
    } catch (IOException e) {
      changes.add(new Change(what, folder.toString(), "a folder", Disk.reason(e)));
    }
  }

  /** Compares a model that was saved here with its own checksums. */
  void saved(String what, Path folder) {
    if (!Files.isRegularFile(folder.resolve(Checksums.NAME))) {
      Path missing = Files.isDirectory(folder) ? folder.resolve(Checksums.NAME) : folder;
      changes.add(new Change(what, missing.toString(), "a saved model", Change.MISSING));
      return;
    }
    try {
      TensorSums tensors = TensorSums.read(folder);
      for (Map.Entry<String, String> sum : Checksums.read(folder).sums().entrySet()) {
        Path file = folder.resolve(sum.getKey());
        if (differs(what, new FileSum(file.toString(), -1, sum.getValue()))) {
          tensors(what, tensors, file, TensorSums.WHOLE);
        }
      }
    } catch (IOException e) {
      changes.add(new Change(what, folder.toString(), "a saved model", Disk.reason(e)));
    }
  }

  private void tensors(String what, TensorSums sums, Path file, long stride) {
    if (!TensorSums.holdsWeights(file)) {
      return;
    }
    try {
      for (TensorSums.Difference each : sums.differences(file, stride)) {
        changes.add(
            new Change(
                what + ": tensor " + each.tensor(),
                file.toString(),
                each.recorded(),
                each.actual()));
      }
    } catch (IOException e) {
      changes.add(new Change(what, file.toString(), "tensors", Disk.reason(e)));
    }
  }

  /** Adds a change if a file is not as it was. @return whether it is not */
  private boolean differs(String what, FileSum file) {
    Path path = Path.of(file.path());
    try {
      if (!Files.exists(path)) {
        changes.add(Change.ofSums(what, file.path(), file.sha256(), Change.MISSING));
        return true;
      }
      if (file.sha256().isEmpty()) {
        long bytes = Files.size(path);
        if (bytes != file.bytes()) {
          changes.add(new Change(what, file.path(), file.bytes() + " bytes", bytes + " bytes"));
        }
        return false; // its tensors are looked at
      }
      String actual = Sha256.of(path);
      if (!actual.equals(file.sha256())) {
        changes.add(Change.ofSums(what, file.path(), file.sha256(), actual));
        return true;
      }
      return false;
    } catch (IOException e) {
      changes.add(Change.ofSums(what, file.path(), file.sha256(), Disk.reason(e)));
      return true;
    }
  }
}
