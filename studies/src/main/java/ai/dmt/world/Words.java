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
          "bird blue boat cat cold cow desk dog door duck farm fish fox grass green hill horse lamp"
              + " milk moon plant rain river road rock salt sand ship snow star tree wind");

  static final List<String> DAYS = split("Mon Tue Wed Thu Fri Sat Sun");

  private Words() {}

  static List<String> split(String words) {
    return List.of(words.split(" "));
  }

  /**
   * A list as all texts write it. There are no commas: to a model that looks one word back, what
   * follows a comma is anything.
   */
  static String joined(List<String> words) {
    return String.join(" ", words);
  }
}
