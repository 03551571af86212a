package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.storage.DamagedFolderException;
import ai.dmt.internal.storage.ObjectStorage;
import ai.dmt.internal.storage.ObjectStorage.Patience;
import ai.dmt.internal.storage.OpenFolder;
import ai.dmt.internal.storage.StoragePlace;
import ai.dmt.internal.storage.StoredFolders;
import ai.dmt.internal.text.JsonText;
import ai.dmt.provenance.Provenance;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a run leaves in an object storage: its newest checkpoints, the models after its stages, and
 * the model, by the names that they have in its folder. The rank that writes has one.
 */
final class RunStorage implements RunCopies {
  /** Says whose run writes there. */
  private static final String OWNER = "dmt_run.json";

  /** In a checkpoint's folder: what goes on with it, from the run's own folder. */
  private static final String OF_RUN = "run";

  private static final String CHECKPOINTS = CheckpointFolder.NAME + "/";
  private static final Pattern STEP = Pattern.compile(CHECKPOINTS + "(step-(\\d{8,18}))");

  private final ObjectStorage storage;
  private final StoredFolders folders;
  private final Path output;
  private final int kept;
  private final String owner = UUID.randomUUID().toString();
  private final Uploads uploads;

  /**
   * Makes it; nothing is written yet.
   *
   * @param output folder of the run
   * @param kept how many checkpoints stay in the storage
   */
  RunStorage(StoragePlace place, Path output, int kept) {
    this.storage = ObjectStorage.open(place, Patience.LONG);
    this.folders = new StoredFolders(storage);
    this.output = output;
    this.kept = kept;
    this.uploads = new Uploads(place, this::upload);
  }

  /**
   * Checks that a run can use a place as it is asked to; nothing is written.
   *
   * @throws ConfigException if not
   */
  static void check(StoragePlace place, RunStart start) {
    place.demandClient();
    try (ObjectStorage storage = ObjectStorage.open(place, Patience.SHORT)) {
      Set<String> whole = StoredFolders.whole(storage.list("").keySet());
      if (start.overwrites() || start.resumes()) {
        return;
      }
      if (whole.stream().anyMatch(name -> name.startsWith(CHECKPOINTS))) {
        throw new ConfigException(
            ("%s holds checkpoints of a run; --resume auto (FineTuning.resuming()) goes on from"
                    + " them, --overwrite (overwriting()) deletes them")
                .formatted(place));
      }
      if (!whole.isEmpty()) {
        throw new ConfigException(
            ("%s already holds a model; name another place, or overwrite it (--overwrite,"
                    + " FineTuning.overwriting())")
                .formatted(place));
      }
    } catch (IOException e) {
      throw new ConfigException(Disk.reason(e), e);
    }
  }

  /** What a run that is finished says of itself there; empty if there is none. Any rank may ask. */
  static Optional<byte[]> finished(StoragePlace place) throws IOException {
    try (ObjectStorage storage = ObjectStorage.open(place, Patience.LONG)) {
      return new StoredFolders(storage).read("", FinishedRun.NAME);
    }
  }

  @Override
  public boolean isFinished() throws IOException {
    return folders.read("", FinishedRun.NAME).isPresent();
  }

  @Override
  public void fetchNewest(Consumer<String> log) throws IOException {
    List<Long> steps = steps(storage.list(CHECKPOINTS).keySet());
    long here = steps.isEmpty() ? 0 : newestUndamagedHere();
    for (long step : steps) {
      if (step <= here) {
        return;
      }
      try {
        fetch(step);
        log.accept("fetched the checkpoint of step %s from %s".formatted(step, storage.place()));
        return;
      } catch (DamagedFolderException e) {
        log.accept(e.getMessage() + "; the checkpoint is skipped");
      }
    }
    if (!steps.isEmpty() && here == 0) {
      throw new CheckpointException(
          "no checkpoint in %s is whole; --overwrite begins the run anew"
              .formatted(storage.place()));
    }
  }

  /** Of whole folders; the newest first. */
  private static List<Long> steps(Collection<String> names) {
    return StoredFolders.whole(names).stream()
        .map(STEP::matcher)
        .filter(Matcher::matches)
        .map(name -> Long.parseLong(name.group(2)))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /** All of its files are read: what is damaged here may be whole there. */
  private long newestUndamagedHere() throws IOException {
    return newestHere(checkpoint -> checkpoint.faults().isEmpty());
  }

  private long newestHere(Predicate<Checkpoint> wanted) throws IOException {
    CheckpointFolder checkpoints = CheckpointFolder.of(output);
    for (long step : checkpoints.steps()) {
      try {
        if (wanted.test(Checkpoint.open(checkpoints.of(step)))) {
          return step;
        }
      } catch (CheckpointException e) {
        continue; // the run says so when it goes on
      }
    }
    return 0;
  }

  private void fetch(long step) throws IOException {
    Path place = CheckpointFolder.of(output).of(step);
    // The name of one that is being written: what a process that is killed leaves is deleted.
    Path saving = place.resolveSibling("." + place.getFileName() + ".saving");
    Disk.delete(saving);
    Files.createDirectories(saving);
    try {
      folders.fetch(CHECKPOINTS + place.getFileName(), saving);
      takeFilesOfRun(saving.resolve(OF_RUN));
      Disk.flush(saving);
      Disk.delete(place); // a damaged one
      Files.move(saving, place, StandardCopyOption.ATOMIC_MOVE);
      Disk.flush(place.resolveSibling(""));
    } finally {
      Disk.delete(saving);
      OutputFolder.removeEmpty(place.resolveSibling(""), output);
    }
  }

  /** Those that the folder lacks, and the metrics, which belong to the checkpoint. */
  private void takeFilesOfRun(Path from) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    for (Path file : files(from)) {
      Path to = output.resolve(from.relativize(file));
      if (!Files.exists(to) || to.endsWith(MetricsFile.NAME)) {
        Files.createDirectories(to.resolveSibling(""));
        Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Disk.delete(from);
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
    }
  }

  @Override
  public void begin() {
    try {
      storage.put(
          OWNER,
          (JsonNodeFactory.instance
                      .objectNode()
                      .put("run", owner)
                      .put("host", host())
                      .put("pid", ProcessHandle.current().pid())
                      .put("since", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                      .toPrettyString()
                  + "\n")
              .getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ConfigException(Disk.reason(e), e);
    }
    try {
      storage.abortUploads("");
    } catch (IOException e) { // it takes a right of its own
      uploads.note(Disk.reason(e));
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  @Override
  public void clear(boolean resumes) throws IOException {
    if (resumes && !steps(storage.list(CHECKPOINTS).keySet()).isEmpty()) {
      throw new CheckpointException(
          "%s holds checkpoints, and the run goes on from none of them; --overwrite deletes them"
              .formatted(storage.place()));
    }
    Collection<String> all = storage.list("").keySet();
    Set<String> old = new TreeSet<>(StoredFolders.whole(all));
    old.addAll(List.of(CheckpointFolder.NAME, ScheduleRun.STAGES_FOLDER)); // and halves
    folders.delete(old, all);
  }

  @Override
  public void catchUp() throws IOException {
    Set<String> whole = StoredFolders.whole(storage.list("").keySet());
    List<Path> stages = RunFolder.stages(output);
    boolean finished = Files.exists(output.resolve(FinishedRun.NAME));
    for (Path stage : finished ? stages.subList(0, Math.max(0, stages.size() - 1)) : stages) {
      if (!whole.contains(stageName(stage))) {
        keepStage(stage);
      }
    }
    long newest = newestHere(checkpoint -> true);
    Path checkpoint = CheckpointFolder.of(output).of(newest);
    if (newest > 0 && !whole.contains(CHECKPOINTS + checkpoint.getFileName())) {
      keepCheckpoint(checkpoint);
    }
    if (finished && !isFinished()) {
      keepModel();
    }
  }

  @Override
  public void keepCheckpoint(Path checkpoint) {
    uploads.add(
        true,
        () -> {
          OpenFolder folder = new OpenFolder(CHECKPOINTS + checkpoint.getFileName());
          Map<String, String> sums = Checksums.read(checkpoint).sums();
          addAll(folder, checkpoint, "", files(checkpoint), sums);
          List<Path> own = new ArrayList<>();
          own.add(output.resolve(MetricsFile.NAME));
          own.add(output.resolve(Provenance.NAME));
          own.addAll(files(output.resolve(TensorBoardLog.FOLDER)));
          addAll(folder, output, OF_RUN + "/", own, Map.of());
          return folder;
        });
  }

  private static void addAll(
      OpenFolder folder, Path root, String under, List<Path> files, Map<String, String> sums)
      throws IOException {
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        folder.add(file, under + root.relativize(file), sums);
      }
    }
  }

  private static String stageName(Path stage) {
    return ScheduleRun.STAGES_FOLDER + "/" + stage.getFileName();
  }

  @Override
  public void keepStage(Path stage) {
    uploads.add(
        false,
        () -> {
          OpenFolder folder = new OpenFolder(stageName(stage));
          addAll(folder, stage, "", filesOf(stage), Checksums.read(stage).sums());
          return folder;
        });
  }

  @Override
  public void keepModel() {
    uploads.add(
        false,
        () -> {
          OpenFolder folder = new OpenFolder("");
          addAll(folder, output, "", filesOf(output), Checksums.read(output).sums());
          return folder;
        });
  }

  /** Of the folder itself, without what is hidden. */
  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  /** On the uploads' thread. */
  private void upload(OpenFolder folder) throws IOException {
    folders.put(folder, this::demandOwned);
    Matcher checkpoint = STEP.matcher(folder.name());
    if (checkpoint.matches()) {
      prune(Long.parseLong(checkpoint.group(2)));
    }
  }

  /** Of two runs that write here, the one that began last goes on. */
  private void demandOwned() throws IOException {
    JsonNode there =
        JsonText.parse(new String(storage.read(OWNER).orElse(new byte[0]), StandardCharsets.UTF_8));
    if (!there.path("run").asText().equals(owner)) {
      throw new IOException(
          "%s is taken over by another run, process %s of %s since %s"
              .formatted(
                  storage.place(),
                  there.path("pid").asText("?"),
                  there.path("host").asText("?"),
                  there.path("since").asText("?")));
    }
  }

  /** Deletes all but the newest, those of later steps, which are another try's, and halves. */
  private void prune(long step) {
    try {
      Collection<String> all = storage.list(CHECKPOINTS).keySet();
      List<Long> keep = steps(all).stream().filter(each -> each <= step).limit(kept).toList();
      List<String> old =
          all.stream()
              .map(name -> name.substring(0, Math.max(0, name.indexOf('/', CHECKPOINTS.length()))))
              .distinct()
              .filter(
                  name -> {
                    Matcher matcher = STEP.matcher(name);
                    return matcher.matches() && !keep.contains(Long.parseLong(matcher.group(2)));
                  })
              .toList();
      folders.delete(old, all);
    } catch (IOException e) {
      uploads.note("old checkpoints stay until the next one: " + e.getMessage());
    }
  }

  @Override
  public List<String> notes() {
    return uploads.notes();
  }

  @Override
  public void finish() throws IOException {
    uploads.finish(output);
  }

  @Override
  public void close() {
    uploads.close();
    storage.close();
  }
}
