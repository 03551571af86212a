package ai.dmt.internal.jinja;

import java.util.HashMap;
import java.util.Map;

/** The filters, by their names. */
final class Filters {
  /** What a filter does with a value and its other arguments. */
  interface Body {
    Object apply(Run run, Object value, Signature.Bound given);
  }

  private static final Map<String, Filter> FILTERS = new HashMap<>();

  static {
    NumberFilters.addTo(FILTERS);
    TextFilters.addTo(FILTERS);
    HtmlFilters.addTo(FILTERS);
    SequenceFilters.addTo(FILTERS);
    SelectionFilters.addTo(FILTERS);
    for (String name : new String[] {"random", "urlize"}) {
      FILTERS.put(
          name,
          (run, value, given) -> {
            throw JinjaException.refused("filter '%s' is not supported", name);
          });
    }
  }

  private Filters() {}

  static void add(
      Map<String, Filter> filters, String name, int required, Body body, String... parameters) {
    Signature signature = Signature.of(name, required, parameters);
    filters.put(name, (run, value, given) -> body.apply(run, value, signature.bind(given)));
  }

  /** A filter, or null. */
  static Filter find(String name) {
    return FILTERS.get(name);
  }

  static Filter demand(Object name) {
    Filter filter = name instanceof String text ? FILTERS.get(text) : null;
    if (filter == null) {
      throw JinjaException.value("no filter of that name: %s", named(name));
    }
    return filter;
  }

  static String named(Object name) {
    return name instanceof String text ? Undefined.cut(text) : Values.typeName(name);
  }
}
