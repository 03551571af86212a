package ai.dmt.watch;

import ai.dmt.report.Section;
import ai.dmt.run.TensorBoardLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The samples that a run shows in its event files, which have them before its first step. */
final class ShownSamples {
  private Map<String, String> bySource = Map.of();
  private boolean whole; // a run that has made a step has written all

  /** Reads them until they are all there. @param begun whether the run has made a step */
  void look(Path run, boolean begun) throws IOException {
    if (!begun || !whole) {
      bySource = TensorBoardLog.samples(run);
      whole = begun;
    }
  }

  /** Empty where there are none. */
  Optional<Section> section() {
    List<Section.MarkedText> texts = new ArrayList<>();
    bySource.forEach(
        (source, text) -> {
          String[] parts = text.split("\n\n", 2); // where it is from, and the sample
          texts.add(
              new Section.MarkedText(
                  "%s: %s".formatted(source, parts[0]),
                  List.of(new Section.Span(parts[parts.length - 1].stripTrailing(), false))));
        });
    return texts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Section(
                "samples",
                "Samples",
                List.of(
                    new Section.Marked(
                        "The first one of each source, as the model gets it.", texts))));
  }
}
