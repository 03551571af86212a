package ai.dmt.internal.jinja;

/** A filter or a test. */
interface Filter {
  Object apply(Run run, Object value, Arguments given);
}
