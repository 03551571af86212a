package ai.dmt.internal.text;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them; the same in every locale. */
public final class Units {
  private static final String[] BYTES = {"B", "KB", "MB", "GB", "TB"};

  private Units() {}

  /**
   * {@return bytes such as "1.5 GB", in powers of 1024}
   *
   * @param count of bytes, not negative
   */
  public static String bytes(long count) {
    double value = count;
    int unit = 0;
    while (value >= 1024 && unit < BYTES.length - 1) {
      value /= 1024;
      unit++;
    }
    return format(unit == 0 ? "%.0f %s" : "%.1f %s", value, BYTES[unit]);
  }

  /**
   * {@return a number with commas, such as "12,345"}
   *
   * @param number of anything
   */
  public static String count(long number) {
    return format("%,d", number);
  }

  /**
   * {@return a number of parameters, such as "6.74 B", "1.1 M" or "260 K"}
   *
   * @param count of parameters, not negative
   */
  public static String parameters(long count) {
    if (count >= 1_000_000_000) {
      return format("%.2f B", count / 1e9);
    }
    return count >= 1_000_000 ? format("%.1f M", count / 1e6) : format("%.0f K", count / 1e3);
  }

  /**
   * {@return a time such as "04:05" or "1:02:03", to the nearest second}
   *
   * @param duration not negative
   */
  public static String time(Duration duration) {
    long seconds = Math.round(duration.toMillis() / 1000.0);
    return seconds < 3600
        ? format("%02d:%02d", seconds / 60, seconds % 60)
        : format("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /**
   * {@return {@link String#format} with a point in fractions}
   *
   * @param pattern as {@link String#format} takes it
   * @param values that it names
   */
  public static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
