package ai.dmt.bench;

import ai.dmt.config.ConfigException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SampleEncoder;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.SourcedSample;
import ai.dmt.data.VicunaTemplate;
import ai.dmt.engine.MicroBatch;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.SampleOrder;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Steps of real conversations for a benchmark, in an order that a seed gives; the same for us and
 * for a peer, which reads the dump.
 */
public final class BenchConversations {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WARM_UP = 2;
  private static final long SEED = 42;

  private BenchConversations() {}

  /**
   * Reads a source and cuts it into steps.
   *
   * @param tokenizerFolder with tokenizer.model or tokenizer.json
   * @return two steps more than the job has, for warming up
   * @throws ConfigException if there are too few samples
   */
  public static List<List<SourcedSample>> read(
      SourceFiles source, Path tokenizerFolder, BenchJob job) {
    List<EncodedSample> samples;
    try (Tokenizer tokenizer = Tokenizer.load(tokenizerFolder)) {
      SampleEncoder encoder =
          new SampleEncoder(new VicunaTemplate(), tokenizer, SampleLimits.truncateAt(job.length()));
      samples = encoder.readSource(source.name(), source.files(), Long.MAX_VALUE).samples();
    }
    int needed = Math.multiplyExact(job.steps() + WARM_UP, job.batch());
    if (samples.size() < needed) {
      throw new ConfigException(
          "source %s has %s samples, %s steps and 2 to warm up with %s each need %s"
              .formatted(source.name(), samples.size(), job.steps(), job.batch(), needed));
    }
    int[] order = new SampleOrder(samples.size(), SEED).epoch(0);
    List<List<SourcedSample>> steps = new ArrayList<>();
    for (int from = 0; from < needed; from += job.batch()) {
      List<SourcedSample> step = new ArrayList<>();
      for (int i = from; i < from + job.batch(); i++) {
        step.add(new SourcedSample(samples.get(order[i]), 0));
      }
      steps.add(step);
    }
    return steps;
  }

  /** Writes a line {@code {"step", "ids", "labels"}} per sample; labels are not shifted. */
  public static void dump(List<List<SourcedSample>> steps, Path file) throws IOException {
    try (Writer writer = FileOutput.writer(file)) {
      for (int step = 0; step < steps.size(); step++) {
        for (SourcedSample sourced : steps.get(step)) {
          writer.write(line(step, sourced.sample()) + "\n");
        }
      }
    }
  }

  private static ObjectNode line(int step, EncodedSample sample) {
    ObjectNode line = JSON.createObjectNode().put("step", step);
    ArrayNode ids = line.putArray("ids");
    ArrayNode labels = line.putArray("labels");
    for (int t = 0; t < sample.tokenIds().length; t++) {
      ids.add(sample.tokenIds()[t]);
      labels.add(sample.carriesLoss()[t] ? sample.tokenIds()[t] : MicroBatch.IGNORE_INDEX);
    }
    return line;
  }
}
