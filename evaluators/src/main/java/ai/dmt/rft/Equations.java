package ai.dmt.rft;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The equations that a worked answer marks for a calculator: {@code <<48/2=24>>}. */
final class Equations {
  private static final Pattern MARKED = Pattern.compile("(?d)<<(.*?)>>");
  private static final double TOLERANCE = 1e-3;

  /** What Python's float() reads, without infinity and "nan", which nothing is near. */
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?");

  private Equations() {}

  /** What stands in the marks, in their order. */
  static List<String> of(String path) {
    List<String> equations = new ArrayList<>();
    Matcher marked = MARKED.matcher(path);
    while (marked.find()) {
      equations.add(marked.group(1));
    }
    return equations;
  }

  /** By which paths are alike: the equations without spaces, in their order. */
  static String key(List<String> equations) {
    return String.join("|", equations).replace(" ", "");
  }

  /**
   * Whether the value of the left side is the number on the right, nearer than 1e-3. Of more than
   * two sides the first two count.
   */
  static boolean holds(String equation) {
    String[] sides = equation.split("=", -1);
    return sides.length > 1
        && FLOAT.matcher(sides[1].strip()).matches()
        && Math.abs(Arithmetic.value(sides[0]) - Double.parseDouble(sides[1].strip())) < TOLERANCE;
  }
}
