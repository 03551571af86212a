package ai.dmt.attention;

import ai.dmt.data.EncodedSample;
import ai.dmt.engine.AttentionHead;
import ai.dmt.engine.AttentionMeasures;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluation.SampleLoss;
import ai.dmt.evaluation.SampleLossMeter;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What heads do on samples of several sources, sample by sample.
 *
 * @param sources number of the source of each sample
 * @param measures [layers][heads][samples]
 * @param losses of each source with all heads; empty where that was not asked for
 * @param without the same without each head
 */
public record HeadSamples(
    int[] sources,
    AttentionMeasures[][][] measures,
    Map<String, PooledMean> losses,
    Map<AttentionHead, Map<String, PooledMean>> without) {
  /**
   * Asks a model.
   *
   * @param model folder of the model
   * @param before folder of the model that its attention is compared with
   * @param config how both compute; their sources are this method's own
   * @param data samples by source
   * @param importance whether losses are measured without each head, too
   * @return what its heads do
   */
  public static HeadSamples of(
      Path model, Path before, EngineConfig config, HeldOutData data, boolean importance) {
    EngineConfig own = config.withSources(SampleLossMeter.sources());
    try (Model opened = Model.open(model, own)) {
      if (model.equals(before)) {
        return of(opened, opened, data, importance);
      }
      try (Model other = Model.open(before, own)) {
        return of(opened, other, data, importance);
      }
    }
  }

  private static HeadSamples of(Model model, Model before, HeldOutData data, boolean importance) {
    List<EncodedSample> samples = new ArrayList<>();
    data.sources().values().forEach(samples::addAll);
    AttentionMeasures[][][] measures =
        measures(model.engine(), before.engine(), samples, data.maxTokens());
    int[] counts = data.sources().values().stream().mapToInt(List::size).toArray();
    return new HeadSamples(
        numbers(counts),
        measures,
        importance ? losses(model, data, null) : Map.of(),
        importance ? losses(model, data) : Map.of());
  }

  /** Values of a source's samples. @param source its number; -1 for all */
  double[] of(int source, double[] values) {
    return IntStream.range(0, values.length)
        .filter(s -> source < 0 || sources[s] == source)
        .mapToDouble(s -> values[s])
        .toArray();
  }

  private static int[] numbers(int[] counts) {
    int[] numbers = new int[Arrays.stream(counts).sum()];
    int at = 0;
    for (int s = 0; s < counts.length; s++) {
      Arrays.fill(numbers, at, at + counts[s], s);
      at += counts[s];
    }
    return numbers;
  }

  private static AttentionMeasures[][][] measures(
      TrainingEngine engine, TrainingEngine before, List<EncodedSample> samples, int maxTokens) {
    int layers = engine.model().layers();
    int heads = engine.model().heads();
    AttentionMeasures[][][] all = new AttentionMeasures[layers][heads][samples.size()];
    int first = 0;
    while (first < samples.size()) {
      int end = first;
      int tokens = 0;
      while (end < samples.size()
          && (end == first || tokens + samples.get(end).tokenIds().length <= maxTokens)) {
        tokens += samples.get(end++).tokenIds().length;
      }
      AttentionMeasures[][][] some = engine.attention(batch(samples.subList(first, end)), before);
      for (int layer = 0; layer < layers; layer++) {
        for (int head = 0; head < heads; head++) {
          System.arraycopy(some[layer][head], 0, all[layer][head], first, end - first);
        }
      }
      first = end;
    }
    return all;
  }

  private static MicroBatch batch(List<EncodedSample> samples) {
    int[] offsets = new int[samples.size() + 1];
    for (int d = 0; d < samples.size(); d++) {
      offsets[d + 1] = offsets[d] + samples.get(d).tokenIds().length;
    }
    int[] ids = new int[offsets[samples.size()]];
    for (int d = 0; d < samples.size(); d++) {
      int[] own = samples.get(d).tokenIds();
      System.arraycopy(own, 0, ids, offsets[d], own.length);
    }
    int[] labels = new int[ids.length];
    Arrays.fill(labels, MicroBatch.IGNORE_INDEX);
    return new MicroBatch(ids, labels, offsets, new int[samples.size()]);
  }

  private static Map<AttentionHead, Map<String, PooledMean>> losses(Model model, HeldOutData data) {
    Map<AttentionHead, Map<String, PooledMean>> losses = new LinkedHashMap<>();
    for (int layer = 0; layer < model.engine().model().layers(); layer++) {
      for (int head = 0; head < model.engine().model().heads(); head++) {
        AttentionHead without = new AttentionHead(layer, head);
        losses.put(without, losses(model, data, without));
      }
    }
    return losses;
  }

  private static Map<String, PooledMean> losses(
      Model model, HeldOutData data, @Nullable AttentionHead without) {
    SampleLossMeter meter = new SampleLossMeter(model.engine(), data.maxTokens());
    Map<String, PooledMean> losses = new LinkedHashMap<>();
    data.sources()
        .forEach(
            (source, samples) -> {
              List<SampleLoss> measured =
                  without == null ? meter.measure(samples) : meter.measure(samples, without);
              losses.put(
                  source,
                  new PooledMean(
                      measured.stream().mapToDouble(SampleLoss::lossSum).toArray(),
                      measured.stream().mapToDouble(SampleLoss::labelTokens).toArray()));
            });
    return losses;
  }
}
