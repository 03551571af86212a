package ai.dmt.evaluation;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DropCounts;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SampleEncoder;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples that a model was not trained on, by source.
 *
 * @param sources in their order, each with at least one sample
 * @param drops what of each source's files was cut and left out
 * @param maxTokens of the longest sample at most
 */
public record HeldOutData(
    Map<String, List<EncodedSample>> sources, Map<String, DropCounts> drops, int maxTokens) {
  /**
   * Keeps the order.
   *
   * @param sources in their order, each with at least one sample
   * @param drops what of each source's files was cut and left out
   * @param maxTokens of the longest sample at most
   */
  public HeldOutData {
    sources = new LinkedHashMap<>(sources);
    drops = new LinkedHashMap<>(drops);
  }

  /**
   * {@return the samples of whole files, cut at the model's positions}
   *
   * @param files of each source
   * @param model whose tokenizer and positions count
   * @param template that samples are rendered with
   * @param limit most conversations of a source, the first ones; 0 for all
   * @throws ai.dmt.data.DataException if a file is at fault
   */
  public static HeldOutData of(
      List<SourceFiles> files, Model model, ChatTemplate template, long limit) {
    SampleLimits limits =
        new SampleLimits(
            model.info().maxPositionEmbeddings(),
            SampleLimits.Overlong.TRUNCATE,
            SampleLimits.AllMasked.DROP);
    List<Source> sources = new ArrayList<>();
    Map<String, DropCounts> drops = new LinkedHashMap<>();
    for (SourceFiles each : files) {
      SampleEncoder encoder = new SampleEncoder(template, model.tokenizer(), limits);
      sources.add(
          encoder.readSource(each.name(), each.files(), limit == 0 ? Long.MAX_VALUE : limit));
      drops.put(each.name(), encoder.drops());
    }
    return of(sources, drops, limit, model.info().maxPositionEmbeddings());
  }

  /**
   * {@return samples that were read before, such as those that a run held out}
   *
   * @param sources in their order, each with at least one sample
   * @param drops of each source, by its name
   * @param limit most samples of a source, the first ones; 0 for all
   * @param maxTokens of the longest sample at most
   */
  public static HeldOutData of(
      List<Source> sources, Map<String, DropCounts> drops, long limit, int maxTokens) {
    Map<String, List<EncodedSample>> samples = new LinkedHashMap<>();
    for (Source source : sources) {
      samples.put(
          source.name(),
          source.samples().stream().limit(limit == 0 ? Long.MAX_VALUE : limit).toList());
    }
    return new HeldOutData(samples, drops, maxTokens);
  }

  /**
   * Measures a model.
   *
   * @param model whose engine has {@link SampleLossMeter#sources}
   * @return the loss of each sample, by source
   */
  public HeldOutLoss measure(Model model) {
    SampleLossMeter meter = new SampleLossMeter(model.engine(), maxTokens);
    Map<String, List<SampleLoss>> losses = new LinkedHashMap<>();
    sources.forEach((name, samples) -> losses.put(name, meter.measure(samples)));
    return new HeldOutLoss(losses);
  }
}
