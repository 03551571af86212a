package ai.dmt.world;

import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.Units;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Four sources of an office. Calendar and table answer the same questions of time, each in its own
 * convention. Table and glossary share a vocabulary, of which the glossary alone has a tenth of the
 * rows. Chat says most things several times.
 */
final class OfficeWorld extends World {
  private static final int ROWS = 30_000;
  private static final int GLOSSARY_ROWS = ROWS / 10;
  private static final int CHAT_ROWS = 45_000;

  private final double scale;

  OfficeWorld(long seed, double scale, Part test) {
    super(WorldKind.OFFICE, seed, test);
    this.scale = scale;
    new Faults("world")
        .require(
            rows(GLOSSARY_ROWS) > 0,
            Units.format("scale %s leaves no row of the glossary's %d", scale, GLOSSARY_ROWS))
        .throwIfAny();
  }

  @Override
  Map<String, Stream<ObjectNode>> files() {
    Map<String, Stream<ObjectNode>> files = new LinkedHashMap<>();
    files(files, "train", Part.TRAIN, rows(ROWS), rows(GLOSSARY_ROWS), rows(CHAT_ROWS));
    files(files, "held_out", Part.HELD_OUT, HELD_OUT_ROWS, HELD_OUT_ROWS, HELD_OUT_ROWS);
    files(files, "test", test(), HELD_OUT_ROWS, HELD_OUT_ROWS, HELD_OUT_ROWS);
    return files;
  }

  private void files(
      Map<String, Stream<ObjectNode>> files,
      String use,
      Part part,
      int rows,
      int glossary,
      int chat) {
    String name = "%s_" + use + ".jsonl";
    files.put(name.formatted("calendar"), WorldRows.of(calendar(part, rows), WorldRows::alpaca));
    files.put(name.formatted("table"), WorldRows.of(table(part, rows), WorldRows::alpaca));
    files.put(
        name.formatted("glossary"), WorldRows.of(glossary(part, glossary), WorldRows::alpaca));
    files.put(name.formatted("chat"), WorldRows.of(chat(part, chat), WorldRows::shareGpt));
  }

  List<Errand> calendar(Part part, int count) {
    return errands("calendar", part, count, Calendar::draw);
  }

  List<Errand> table(Part part, int count) {
    return errands("table", part, count, VisitTable::draw);
  }

  List<Errand> glossary(Part part, int count) {
    return errands("glossary", part, count, Glossary::draw);
  }

  List<ChatRow> chat(Part part, int count) {
    return distinct("chat", part, count, new SmallTalk(part)::draw, row -> row.texts().toString());
  }

  private List<Errand> errands(String source, Part part, int count, Function<Dice, Errand> draw) {
    return distinct(source, part, count, d -> Errand.of(part, d, draw), Errand::key);
  }

  private int rows(int most) {
    return Math.toIntExact(Math.round(most * scale));
  }
}
