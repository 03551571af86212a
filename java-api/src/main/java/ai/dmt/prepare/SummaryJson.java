package ai.dmt.prepare;

import ai.dmt.data.DropCounts;
import ai.dmt.data.DropReason;
import ai.dmt.data.Origin;
import ai.dmt.data.SourceSummary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A summary at the end of a sample file. */
final class SummaryJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SummaryJson() {}

  static byte[] write(SourceSummary summary, List<String> files) throws IOException {
    ObjectNode root =
        JSON.createObjectNode()
            .put("records", summary.records())
            .put("conversations", summary.conversations())
            .put("samples", summary.samples())
            .put("firstFault", summary.firstFault());
    ObjectNode drops = root.putObject("drops");
    summary.drops().asMap().forEach((reason, count) -> drops.put(reason.name(), count));
    ObjectNode unread = root.putObject("unreadFields");
    summary.drops().unreadFields().forEach(unread::put);
    for (SourceSummary.LeftOut each : summary.leftOut()) {
      ObjectNode place = root.withArray("leftOut").addObject().put("reason", each.reason().name());
      put(place, each.origin(), files);
    }
    for (Origin origin : summary.empty()) {
      put(root.withArray("empty").addObject(), origin, files);
    }
    return JSON.writeValueAsBytes(root);
  }

  private static void put(ObjectNode place, Origin origin, List<String> files) {
    place.put("file", files.indexOf(origin.file())).put("line", origin.line());
  }

  private static Origin origin(JsonNode place, List<String> files) {
    return new Origin(files.get(place.path("file").intValue()), place.path("line").longValue());
  }

  static SourceSummary read(byte[] json, List<String> files) throws IOException {
    JsonNode root = JSON.readTree(json);
    DropCounts drops = new DropCounts();
    root.path("drops")
        .properties()
        .forEach(each -> drops.add(DropReason.valueOf(each.getKey()), each.getValue().longValue()));
    root.path("unreadFields")
        .properties()
        .forEach(each -> drops.addUnreadField(each.getKey(), each.getValue().longValue()));
    List<SourceSummary.LeftOut> leftOut = new ArrayList<>();
    for (JsonNode each : root.path("leftOut")) {
      leftOut.add(
          new SourceSummary.LeftOut(
              DropReason.valueOf(each.path("reason").asText()), origin(each, files)));
    }
    List<Origin> empty = new ArrayList<>();
    root.path("empty").forEach(each -> empty.add(origin(each, files)));
    return new SourceSummary(
        root.path("records").longValue(),
        root.path("conversations").longValue(),
        root.path("samples").longValue(),
        drops,
        leftOut,
        empty,
        root.path("firstFault").textValue());
  }
}
