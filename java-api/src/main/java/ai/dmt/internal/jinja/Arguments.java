package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a call is given. */
final class Arguments {
  private final List<Object> positional;
  private final Map<String, Object> named = new LinkedHashMap<>();

  Arguments() {
    this.positional = new ArrayList<>(4);
  }

  Arguments(List<Object> positional, Map<String, Object> named) {
    this.positional = new ArrayList<>(positional);
    this.named.putAll(named);
  }

  List<Object> positional() {
    return positional;
  }

  Map<String, Object> named() {
    return named;
  }

  void add(Object value) {
    positional.add(value);
  }

  void addAll(Run run, Object iterable) {
    Iterator<Object> items = Values.iterate(run, iterable);
    while (items.hasNext()) {
      run.elements(1);
      positional.add(items.next());
    }
  }

  void name(String name, Object value) {
    if (named.containsKey(name)) {
      throw JinjaException.type("got multiple values for keyword argument '%s'", name);
    }
    named.put(name, value);
  }

  void nameAll(Object mapping) {
    if (!(mapping instanceof Dict dict)) {
      throw JinjaException.type("argument after ** must be a mapping");
    }
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      if (!(entry.getKey() instanceof String name)) {
        throw JinjaException.type("keywords must be strings");
      }
      name(name, entry.getValue());
    }
  }

  /** Puts a value before the others. */
  Arguments behind(Object first) {
    Arguments all = new Arguments(positional, named);
    all.positional.add(0, first);
    return all;
  }
}
