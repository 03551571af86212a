package ai.dmt.study;

import ai.dmt.train.Ledger;
import ai.dmt.train.SampleTable;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.StageBatches;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much a node trains, known before it does.
 *
 * @param samples of an epoch by source
 * @param steps optimizer steps
 * @param tokens of all steps; 0 where lengths are not known
 * @param labelTokens of all steps; 0 where lengths are not known
 */
public record StageSize(Map<String, Long> samples, long steps, long tokens, long labelTokens) {
  /**
   * Copies the map.
   *
   * @param samples of an epoch by source
   * @param steps optimizer steps
   * @param tokens of all steps; 0 where lengths are not known
   * @param labelTokens of all steps; 0 where lengths are not known
   */
  public StageSize {
    samples = Collections.unmodifiableMap(new LinkedHashMap<>(samples));
  }

  /**
   * Counts.
   *
   * @param tables of all sources
   * @param tokensPerSample mean length by source, for tables without lengths
   */
  static StageSize of(
      StageNode node,
      List<SampleTable> tables,
      int globalBatchSize,
      Map<String, Double> tokensPerSample) {
    ScheduleBatches batches = new ScheduleBatches(node.schedule(), tables, globalBatchSize);
    StageBatches stage = batches.stages().get(0);
    Map<String, Long> samples = new LinkedHashMap<>();
    stage.epoch().forEach(ref -> samples.merge(tables.get(ref.source()).name(), 1L, Long::sum));
    long tokens = 0;
    long labels = 0;
    boolean known = tables.stream().allMatch(SampleTable::hasTokens);
    for (Ledger.Entry entry : Ledger.of(batches, Map.of()).entries()) {
      double mean = tokensPerSample.getOrDefault(entry.source(), 0.0);
      tokens += known ? entry.realised().tokens() : Math.round(entry.realised().samples() * mean);
      labels += entry.realised().labelTokens();
    }
    return new StageSize(samples, stage.steps(), tokens, labels);
  }

  /** {@return the samples of an epoch, of all sources together} */
  public long totalSamples() {
    return samples.values().stream().mapToLong(Long::longValue).sum();
  }
}
