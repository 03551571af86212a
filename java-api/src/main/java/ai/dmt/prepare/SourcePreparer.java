package ai.dmt.prepare;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.PreparedSample;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.SourceReading;
import ai.dmt.data.SourceSummary;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes samples of sources, or takes them from a cache where all that they depend on is as it was.
 * Both give the same samples in the same order.
 */
public final class SourcePreparer {
  private final ChatTemplate template;
  private final Tokenizer tokenizer;
  private final Path tokenizerFile;
  private final SampleLimits limits;
  private final CacheUse use;

  /**
   * Makes a preparer.
   *
   * @param template that conversations are written with
   * @param tokenizer stays the caller's
   * @param tokenizerFile that it was loaded from, see {@link Tokenizer#file}
   * @param limits which samples are left to train on
   * @param use of a cache
   */
  public SourcePreparer(
      ChatTemplate template,
      Tokenizer tokenizer,
      Path tokenizerFile,
      SampleLimits limits,
      CacheUse use) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.tokenizerFile = tokenizerFile;
    this.limits = limits;
    this.use = use;
  }

  /**
   * What became of a source.
   *
   * @param summary of its records
   * @param cached whether its samples came from the cache
   */
  public record Result(SourceSummary summary, boolean cached) {}

  /**
   * Prepares a source.
   *
   * @param source files to read, and what of them is kept
   * @param samples takes each sample in turn, in the calling thread
   * @return what became of it
   * @throws ai.dmt.data.DataException if a file is at fault, or if nothing is left to train on
   */
  public Result prepare(SourceFiles source, Consumer<PreparedSample> samples) {
    SourceReading reading = new SourceReading(source, template, tokenizer, limits);
    if (use.cache().isEmpty()) {
      return new Result(reading.read(samples), false);
    }
    SampleCache cache = use.cache().get();
    List<String> files = source.files().stream().map(Path::toString).toList();
    Path entry = cache.entry(CacheKey.of(source, template, limits, tokenizer, tokenizerFile));
    if (Files.exists(entry)) {
      String damage = cache.damage(entry, files);
      if (damage.isEmpty()) {
        return new Result(cache.read(entry, files, samples), true);
      }
      use.notices()
          .accept(
              "cache entry %s of source %s is damaged: %s; it is made again"
                  .formatted(entry, source.name(), damage));
    }
    SourceSummary summary =
        cache.write(entry, files, write -> reading.read(samples.andThen(write)));
    return new Result(summary, false);
  }
}
