package ai.dmt.evaluators.judge;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.PythonJson;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The file that a run writes. Judgements are appended to {@code FILE.partial} as they come; the
 * file itself is replaced at the end, in one move, and keeps its judgements of other models,
 * judges, questions and turns. Only one process at a time may write to it.
 */
final class JudgmentOutput implements AutoCloseable {
  /** What a judgement is of; repeats share it. */
  private record Subject(
      String question, String model, String judge, String judgePrompt, int turn) {
    static Subject of(Judgment judgment) {
      return new Subject(
          judgment.questionId(),
          judgment.model(),
          judgment.judge(),
          judgment.judgePrompt(),
          judgment.turn());
    }
  }

  private record Line(Subject subject, String text) {}

  private final Path file;
  private final Path partial;
  private final FileChannel channel;
  private final List<Line> before;

  private JudgmentOutput(Path file, Path partial, FileChannel channel, List<Line> before) {
    this.file = file;
    this.partial = partial;
    this.channel = channel;
    this.before = before;
  }

  /**
   * Opens a file, which may exist.
   *
   * @throws ConfigException if another run writes to it, or it cannot be written
   * @throws ai.dmt.data.DataException if what is in it are no judgements
   */
  static JudgmentOutput open(Path file) {
    Path target;
    Path partial;
    FileChannel channel;
    try {
      target = OutputPlace.resolve(file);
      partial = target.resolveSibling(target.getFileName() + ".partial");
      Files.createDirectories(target.getParent());
      channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new ConfigException("%s cannot be written: %s".formatted(file, Disk.reason(e)), e);
    }
    try {
      if (!lock(channel)) {
        throw new ConfigException(
            "%s: another run is writing to it (it holds %s); wait or name another file"
                .formatted(file, partial));
      }
      List<Line> before = Files.exists(target) ? lines(file) : List.of();
      channel.truncate(0);
      return new JudgmentOutput(target, partial, channel, before);
    } catch (IOException | RuntimeException e) {
      closeAfter(e, channel);
      throw e instanceof RuntimeException fault
          ? fault
          : new ConfigException(file + " cannot be written: " + Disk.reason(e), e);
    }
  }

  private static List<Line> lines(Path file) {
    return JsonLines.read(
        file, line -> new Line(Subject.of(Judgment.of(line)), PythonJson.write(line.node())));
  }

  private static void closeAfter(Exception fault, FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      fault.addSuppressed(e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this process
    }
  }

  /** Appends a judgement to the partial file. */
  synchronized void append(Judgment judgment) {
    ByteBuffer bytes =
        ByteBuffer.wrap((judgment.json() + "\n").getBytes(StandardCharsets.US_ASCII));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(partial + " cannot be written: " + Disk.reason(e), e);
    }
  }

  /** Replaces the file. @param judgments in the order they get */
  void finish(List<Judgment> judgments) {
    Set<Subject> replaced = judgments.stream().map(Subject::of).collect(Collectors.toSet());
    List<String> lines = new ArrayList<>();
    for (Line line : before) {
      if (!replaced.contains(line.subject)) {
        lines.add(line.text);
      }
    }
    judgments.forEach(judgment -> lines.add(judgment.json()));
    try {
      WholeFile.replace(file, String.join("\n", lines) + "\n");
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + Disk.reason(e), e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(partial + " cannot be closed: " + e, e);
    }
  }
}
