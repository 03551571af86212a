package ai.dmt.run;

import ai.dmt.audit.SourceAudit;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SourceFiles;
import ai.dmt.internal.text.Units;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Says in one short line how far a preparation is: sources done, samples, speed, and the time that
 * is left, which is that of the bytes of the sources that are left, at the speed of those that are
 * done; so it is known once one is.
 */
public final class PreparationStatus implements PreparationRun.Listener {
  private static final long INTERVAL_NANOS = 200_000_000;

  private final Consumer<String> line;
  private final Queue<Long> bytesToCome = new ArrayDeque<>(); // of sources, the current one first
  private int sources;
  private int current; // from 1
  private String name = "";
  private long samples;
  private long tokens;
  private long bytesDone;
  private long sourceBegan;
  private long nanosDone;
  private long told;

  /**
   * Makes a listener.
   *
   * @param line gets the line, some times a second
   */
  public PreparationStatus(Consumer<String> line) {
    this.line = line;
  }

  @Override
  public void onStart(List<SourceFiles> all) {
    sources = all.size();
    all.forEach(
        source ->
            bytesToCome.add(
                source.files().stream().map(Path::toFile).mapToLong(java.io.File::length).sum()));
  }

  @Override
  public void onSourceStart(String source) {
    endSource();
    current++;
    name = source;
    samples = 0;
    tokens = 0;
    sourceBegan = System.nanoTime();
    show(sourceBegan);
  }

  /** What is done between two sources belongs to the first. */
  private void endSource() {
    if (current > 0) {
      nanosDone += System.nanoTime() - sourceBegan;
      bytesDone += bytesToCome.remove();
    }
  }

  @Override
  public void onSample(EncodedSample sample) {
    samples++;
    tokens += sample.tokenIds().length;
    long now = System.nanoTime();
    if (now - told > INTERVAL_NANOS) {
      show(now);
    }
  }

  private void show(long now) {
    told = now;
    double seconds = Math.max(1, now - sourceBegan) * 1e-9;
    line.accept(
        Units.format(
            "source %d/%d: %s%s  %s samples  %,.0f tokens/s",
            current, sources, name, left(now), Units.count(samples), tokens / seconds));
  }

  /** Nothing before a source is done. */
  private String left(long now) {
    if (bytesDone == 0) {
      return "";
    }
    double all = (double) nanosDone / bytesDone * bytesToCome.stream().mapToLong(b -> b).sum();
    long left = Math.max(0, (long) all - (now - sourceBegan));
    return "  %s left".formatted(Units.time(Duration.ofNanos(left)));
  }

  @Override
  public void onSource(SourceAudit.Report report, boolean cached, Duration took) {}

  @Override
  public void onExamples(String source, List<EncodedSample> examples, Tokenizer tokenizer) {}
}
