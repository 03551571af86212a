package ai.dmt.run;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.train.ReplayedSamples;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The samples that stages have chosen to replay, one a line: stage, source, what they were chosen
 * by, their place in the ranking from 1, score, id, and the file and line that they are from.
 */
final class ReplayFile {
  /** Its name. */
  static final String NAME = "replay.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private ReplayFile() {}

  /** Writes it, or deletes what an older run left where nothing was chosen. */
  static void write(Path folder, List<ReplayedSamples> replayed, List<SourceData> sources)
      throws IOException {
    Path file = folder.resolve(NAME);
    if (replayed.isEmpty()) {
      Files.deleteIfExists(file);
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (ReplayedSamples each : replayed) {
      Source source =
          sources.stream()
              .map(SourceData::train)
              .filter(train -> train.name().equals(each.source()))
              .findFirst()
              .orElseThrow();
      for (int place = 0; place < each.samples().size(); place++) {
        EncodedSample sample = source.samples().get(each.samples().get(place));
        lines
            .append(
                JSON.createObjectNode()
                    .put("stage", each.stage())
                    .put("source", each.source())
                    .put("by", each.by().name().toLowerCase(Locale.ROOT))
                    .put("place", place + 1)
                    .put("score", each.scores().get(place))
                    .put("id", sample.id())
                    .put("origin", sample.origin().toString()))
            .append('\n');
      }
    }
    FileOutput.write(file, lines.toString());
  }
}
