package ai.dmt.internal.jinja;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;

/** {@code map}, {@code select} and their kind. */
final class SelectionFilters {
  private SelectionFilters() {}

  static void addTo(Map<String, Filter> filters) {
    filters.put("map", SelectionFilters::map);
    filters.put("select", (run, value, given) -> select(run, value, given, false, true));
    filters.put("reject", (run, value, given) -> select(run, value, given, false, false));
    filters.put("selectattr", (run, value, given) -> select(run, value, given, true, true));
    filters.put("rejectattr", (run, value, given) -> select(run, value, given, true, false));
  }

  private static Object map(Run run, Object value, Arguments given) {
    return PyIterator.generator(
        new LazyIterator(
            () -> {
              if (!Values.isTrue(run, value)) {
                return List.of().iterator();
              }
              Function<Object, Object> function = function(run, given);
              Iterator<Object> items = Values.iterate(run, value);
              return new Iterator<>() {
                @Override
                public boolean hasNext() {
                  return items.hasNext();
                }

                @Override
                public Object next() {
                  run.step(2);
                  return function.apply(items.next());
                }
              };
            }));
  }

  private static Function<Object, Object> function(Run run, Arguments given) {
    List<Object> positional = given.positional();
    if (positional.isEmpty() && given.named().containsKey("attribute")) {
      Map<String, Object> rest = new LinkedHashMap<>(given.named());
      Keys keys = Keys.of(rest.remove("attribute")).otherwise(rest.remove("default"));
      if (!rest.isEmpty()) {
        throw JinjaException.value(
            "Unexpected keyword argument '%s'", rest.keySet().iterator().next());
      }
      return item -> keys.get(run, item);
    }
    if (positional.isEmpty()) {
      throw JinjaException.value("map requires a filter argument");
    }
    Object name = positional.get(0);
    Arguments rest = new Arguments(positional.subList(1, positional.size()), given.named());
    return item -> Filters.demand(name).apply(run, item, rest);
  }

  private static Object select(
      Run run, Object value, Arguments given, boolean byAttribute, boolean wanted) {
    return PyIterator.generator(
        new LazyIterator(
            () -> {
              if (!Values.isTrue(run, value)) {
                return List.of().iterator();
              }
              Predicate<Object> test = test(run, given, byAttribute);
              Iterator<Object> items = Values.iterate(run, value);
              return new Selected(run, items, item -> test.test(item) == wanted);
            }));
  }

  private static Predicate<Object> test(Run run, Arguments given, boolean byAttribute) {
    List<Object> positional = given.positional();
    int offset = byAttribute ? 1 : 0;
    if (positional.size() < offset) {
      throw JinjaException.value("Missing parameter for attribute name");
    }
    Keys keys = Keys.of(byAttribute ? positional.get(0) : null);
    if (positional.size() <= offset) {
      return item -> Values.isTrue(run, keys.get(run, item));
    }
    Object name = positional.get(offset);
    Arguments rest =
        new Arguments(positional.subList(offset + 1, positional.size()), given.named());
    return item -> Values.isTrue(run, Tests.demand(name).apply(run, keys.get(run, item), rest));
  }

  /** Items of a kind, found as they are asked for. */
  private static final class Selected implements Iterator<Object> {
    private final Run run;
    private final Iterator<Object> items;
    private final Predicate<Object> test;
    private Object found;
    private boolean has;

    Selected(Run run, Iterator<Object> items, Predicate<Object> test) {
      this.run = run;
      this.items = items;
      this.test = test;
    }

    @Override
    public boolean hasNext() {
      while (!has && items.hasNext()) {
        run.step(2);
        found = items.next();
        has = test.test(found);
      }
      return has;
    }

    @Override
    public Object next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      has = false;
      return found;
    }
  }
}
