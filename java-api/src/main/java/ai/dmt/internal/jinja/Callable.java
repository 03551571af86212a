package ai.dmt.internal.jinja;

/** What a template can call. */
interface Callable {
  Object call(Run run, Arguments given);
}
