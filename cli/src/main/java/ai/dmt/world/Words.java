package ai.dmt.world;

import java.util.List;

/** The words of the world. There are few, so that a small model can learn to copy them. */
final class Words {
  static final List<String> NAMES =
      split("Amy Ann Ben Bob Dan Eva Jim Joe Kim Leo Max Mia Pam Sam Sue Tom");

  static final List<String> ITEMS =
      split("apples books cards coins cups eggs hats keys pens rings stones toys");

  static final List<String> BOXES = split("bag box jar room shop");

  static final List<String> LIST =
      split(
          "bird blue boat bread cat chair cloud cold cow desk dog door duck farm fish flower fox"
              + " glass grape grass gray green hill horse lamp leaf milk moon mouse paper plant rain"
              + " red river road rock salt sand ship snow star sun tree wind");

  private Words() {}

  private static List<String> split(String words) {
    return List.of(words.split(" "));
  }

  static String joined(List<String> words) {
    return String.join(", ", words);
  }
}
