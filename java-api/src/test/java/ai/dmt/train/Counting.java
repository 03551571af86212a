package ai.dmt.train;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import java.util.ArrayList;
import java.util.List;

/** Sources for tests. */
final class Counting {
  private Counting() {}

  /** Samples of 3 to 7 tokens that count up; all but the first token carry loss. */
  static Source source(String name, int samples) {
    List<EncodedSample> all = new ArrayList<>();
    for (int s = 0; s < samples; s++) {
      int length = 3 + s % 5;
      int[] tokens = new int[length];
      boolean[] loss = new boolean[length];
      for (int t = 0; t < length; t++) {
        tokens[t] = (s + t) % 20;
        loss[t] = t > 0;
      }
      all.add(new EncodedSample(name + s, Origin.UNKNOWN, tokens, loss));
    }
    return new Source(name, all);
  }

  static Stage stage(String name, Portion... portions) {
    return new Stage(name, Mixture.of(List.of(portions)), StageSettings.paper());
  }
}
