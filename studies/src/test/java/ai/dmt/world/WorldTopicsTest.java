package ai.dmt.world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.data.Conversation;
import ai.dmt.data.Origin;
import ai.dmt.data.Topic;
import ai.dmt.data.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules that tell topics find in the general rows what the rows' tags say. */
class WorldTopicsTest {
  private static final int ROWS = 2000;

  @ParameterizedTest
  @EnumSource(Part.class)
  void topicsAreTheTags(Part part) {
    PaperWorld world = new PaperWorld(World.SHIPPED_SEED, PaperSize.scaled(World.TINY), Part.TEST);
    Map<String, Integer> differing = new TreeMap<>();
    for (ChatRow row : world.general(part, ROWS)) {
      List<String> topics =
          Topic.of(conversation(row)).stream()
              .map(topic -> topic.name().toLowerCase(Locale.ROOT))
              .toList();
      if (!topics.equals(row.tags())) {
        differing.merge(row.tags() + " taken for " + topics, 1, Integer::sum);
      }
    }
    assertEquals(Map.of(), differing);
  }

  private static Conversation conversation(ChatRow row) {
    List<Turn> turns = new ArrayList<>();
    for (int turn = 0; turn < row.texts().size(); turn++) {
      String text = row.texts().get(turn);
      turns.add(turn % 2 == 0 ? Turn.user(text) : Turn.assistant(text));
    }
    return new Conversation("", Origin.UNKNOWN, turns);
  }
}
