package ai.dmt.run;

import java.util.Locale;

/** When a run makes a preflight. */
enum PreflightUse {
  /** Not at all. */
  NONE,
  /** Before a run that takes long. */
  IF_LONG,
  /** In place of the run. */
  ALONE;

  /** What ranks have in common. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
