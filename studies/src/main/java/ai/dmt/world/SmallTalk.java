package ai.dmt.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Chat of the office, with many near-duplicates: what one exchange is about comes again with other
 * names, {@value #TOLD} times in all.
 */
final class SmallTalk {
  static final int TOLD = 6;
  private static final double SECOND_TURN = 0.1;

  private final Part part;
  private Topic topic = new Topic(Message.TELL, "", "");
  private int told = TOLD;

  /** Tells what is of a part. */
  SmallTalk(Part part) {
    this.part = part;
  }

  /** What is the same in near-duplicates. */
  private record Topic(Message message, String item, String place) {
    static Topic draw(Dice dice, Part part) {
      while (true) {
        Topic topic =
            new Topic(dice.pick(Message.values()), dice.pick(Words.ITEMS), dice.pick(Words.BOXES));
        if (Part.of(topic.toString()) == part) {
          return topic;
        }
      }
    }

    String tell(String text, String from, String to) {
      return Slots.fill(text, Map.of("N", from, "M", to, "I", item, "Q", place));
    }
  }

  /** The next exchange, of one or two turns. */
  ChatRow draw(Dice dice) {
    if (told == TOLD) {
      topic = Topic.draw(dice, part);
      told = 0;
    }
    told++;
    List<String> names = dice.sample(Words.NAMES, 3);
    String from = names.get(0);
    String to = names.get(1);
    String note = topic.message.note();
    List<String> texts = new ArrayList<>();
    texts.add(topic.tell(topic.message.request(), from, to));
    texts.add(topic.tell(note, from, to));
    if (dice.chance(SECOND_TURN)) {
      texts.add("And the same to %s.".formatted(names.get(2)));
      texts.add(topic.tell(note, from, names.get(2)));
    }
    return new ChatRow(texts, List.of());
  }
}
