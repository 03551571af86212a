package ai.dmt.world;

import ai.dmt.internal.text.Units;
import java.util.List;

/** How times of day are told. */
enum Clock {
  /** {@code 14:30}. */
  EXACT,
  /** {@code day}: which quarter of the day it is. */
  ROUGH;

  private static final List<String> QUARTERS = Words.split("dark dawn day dusk");
  private static final int HOURS_OF_QUARTER = 6;

  /**
   * A time in words.
   *
   * @param minutes since midnight
   */
  String tell(int minutes) {
    int hour = minutes / 60;
    return this == EXACT
        ? Units.format("%d:%02d", hour, minutes % 60)
        : QUARTERS.get(hour / HOURS_OF_QUARTER);
  }
}
