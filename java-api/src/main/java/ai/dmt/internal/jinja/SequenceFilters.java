package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Filters of sequences and dicts. */
final class SequenceFilters {
  private SequenceFilters() {}

  static void addTo(Map<String, Filter> f) {
    Filters.add(f, "length", 0, (r, v, a) -> Values.length(r, v));
    Filters.add(f, "count", 0, (r, v, a) -> Values.length(r, v));
    Filters.add(f, "list", 0, (r, v, a) -> Values.list(r, v));
    Filters.add(f, "default", 0, SequenceFilters::defaultTo, "default_value", "boolean");
    Filters.add(f, "d", 0, SequenceFilters::defaultTo, "default_value", "boolean");
    Filters.add(f, "first", 0, (r, v, a) -> first(r, v));
    Filters.add(f, "last", 0, (r, v, a) -> last(r, v));
    Filters.add(f, "join", 0, SequenceFilters::join, "d", "attribute");
    Filters.add(f, "items", 0, (r, v, a) -> items(v));
    Filters.add(f, "reverse", 0, (r, v, a) -> reverse(r, v));
    Filters.add(f, "attr", 1, SequenceFilters::attribute, "name");
    Filters.add(f, "batch", 1, SequenceFilters::batch, "linecount", "fill_with");
    Filters.add(f, "slice", 1, SequenceFilters::slice, "slices", "fill_with");
    Filters.add(f, "sort", 0, SequenceFilters::sort, "reverse", "case_sensitive", "attribute");
    Filters.add(f, "dictsort", 0, SequenceFilters::dictSort, "case_sensitive", "by", "reverse");
    Filters.add(f, "unique", 0, SequenceFilters::unique, "case_sensitive", "attribute");
    Filters.add(f, "min", 0, (r, v, a) -> extreme(r, v, a, true), "case_sensitive", "attribute");
    Filters.add(f, "max", 0, (r, v, a) -> extreme(r, v, a, false), "case_sensitive", "attribute");
    Filters.add(f, "sum", 0, SequenceFilters::sum, "attribute", "start");
    Filters.add(
        f, "groupby", 1, SequenceFilters::groupBy, "attribute", "default", "case_sensitive");
  }

  private static Object defaultTo(Run run, Object value, Signature.Bound given) {
    boolean missing =
        value instanceof Undefined || given.truth(run, 1) && !Values.isTrue(run, value);
    return missing ? given.get(0, "") : value;
  }

  private static Object first(Run run, Object value) {
    Iterator<Object> items = Values.iterate(run, value);
    return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
  }

  private static Object last(Run run, Object value) {
    if (value instanceof PyIterator || value instanceof Loop) {
      throw JinjaException.type("'%s' object is not reversible", Values.typeName(value));
    }
    if (value instanceof String text) {
      return text.isEmpty() ? none() : text.substring(text.offsetByCodePoints(text.length(), -1));
    }
    List<Object> items =
        value instanceof List<?> list
            ? new ArrayList<>(list.subList(Math.max(0, list.size() - 1), list.size()))
            : Values.list(run, value);
    return items.isEmpty() ? none() : items.get(items.size() - 1);
  }

  private static Undefined none() {
    return new Undefined("No last item, sequence was empty.");
  }

  private static Object join(Run run, Object value, Signature.Bound given) {
    Keys keys = given.get(1) == null ? null : Keys.of(given.get(1));
    String separator = Representation.str(run, given.get(0, ""));
    StringBuilder out = new StringBuilder();
    Iterator<Object> items = Values.iterate(run, value);
    boolean first = true;
    while (items.hasNext()) {
      Object item = items.next();
      run.room(separator.length());
      out.append(first ? "" : separator);
      first = false;
      String text = Representation.str(run, keys == null ? item : keys.get(run, item));
      run.room(text.length());
      out.append(text);
    }
    return out.toString();
  }

  private static Object items(Object value) {
    if (value instanceof Undefined) {
      return PyIterator.generator(Collections.emptyIterator());
    }
    // The failure comes when it is gone through, as in Python's generators.
    return PyIterator.generator(
        new LazyIterator(
            () -> {
              if (!(value instanceof Dict dict)) {
                throw JinjaException.type("Can only get item pairs from a mapping.");
              }
              return new DictView(dict, DictView.Part.ITEMS).items().iterator();
            }));
  }

  private static Object reverse(Run run, Object value) {
    if (value instanceof String text) {
      return run.text(new StringBuilder(text).reverse().toString());
    }
    if (value instanceof Markup) {
      throw Markup.refusal();
    }
    if (!Values.isIterable(value)) {
      throw JinjaException.value("argument must be iterable");
    }
    List<Object> items = Values.list(run, value);
    Collections.reverse(items);
    return value instanceof PyIterator || value instanceof Loop
        ? items
        : new PyIterator("reversed", items.iterator());
  }

  private static Object attribute(Run run, Object value, Signature.Bound given) {
    return Attributes.attributeOnly(run, value, given.text(0));
  }

  private static Object batch(Run run, Object value, Signature.Bound given) {
    long count = Numbers.longIndex(demandInteger(given.get(0)));
    Object fill = given.get(1);
    return PyIterator.generator(
        new LazyIterator(
            () -> {
              List<Object> batches = new ArrayList<>();
              List<Object> batch = new ArrayList<>();
              Iterator<Object> items = Values.iterate(run, value);
              while (items.hasNext()) {
                Object item = items.next();
                run.elements(1);
                if (batch.size() == count) {
                  batches.add(batch);
                  batch = new ArrayList<>();
                }
                batch.add(item);
              }
              if (!batch.isEmpty()) {
                if (fill != null && batch.size() < count) {
                  run.elements(count - batch.size());
                  batch.addAll(Collections.nCopies((int) count - batch.size(), fill));
                }
                batches.add(batch);
              }
              return batches.iterator();
            }));
  }

  private static Object demandInteger(Object value) {
    if (!Numbers.isInteger(value)) {
      throw JinjaException.type("an integer is required, not %s", Values.typeName(value));
    }
    return value;
  }

  private static Object slice(Run run, Object value, Signature.Bound given) {
    long slices = Numbers.longIndex(demandInteger(given.get(0)));
    Object fill = given.get(1);
    return PyIterator.generator(
        new LazyIterator(
            () -> {
              List<Object> items = Values.list(run, value);
              if (slices == 0) {
                throw JinjaException.value("integer division or modulo by zero");
              }
              run.elements(Math.max(0, slices));
              long each = Math.floorDiv(items.size(), slices);
              long extra = Math.floorMod((long) items.size(), slices);
              List<Object> all = new ArrayList<>();
              int from = 0;
              for (long i = 0; i < slices; i++) {
                int to = (int) (from + each + (i < extra ? 1 : 0));
                List<Object> slice = new ArrayList<>(items.subList(from, to));
                if (fill != null && i >= extra) {
                  slice.add(fill);
                }
                all.add(slice);
                from = to;
              }
              return all.iterator();
            }));
  }

  private static Object sort(Run run, Object value, Signature.Bound given) {
    List<Object> items = Values.list(run, value);
    List<Keys> keys = Keys.several(given.get(2));
    boolean sensitive = given.truth(run, 1);
    Sorting.sort(
        run,
        items,
        item -> {
          List<Object> values = new ArrayList<>();
          keys.forEach(key -> values.add(folded(run, key.get(run, item), sensitive)));
          return values;
        },
        given.truth(run, 0));
    return items;
  }

  private static Object folded(Run run, Object value, boolean sensitive) {
    return value instanceof String text && !sensitive ? run.text(Unicode.lower(text)) : value;
  }

  private static Object dictSort(Run run, Object value, Signature.Bound given) {
    Object by = given.get(1, "key");
    if (!"key".equals(by) && !"value".equals(by)) {
      throw JinjaException.value("You can only sort by either \"key\" or \"value\"");
    }
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (!(value instanceof Dict dict)) {
      throw JinjaException.type("'%s' object has no attribute 'items'", Values.typeName(value));
    }
    run.elements(dict.size());
    List<Object> items = new DictView(dict, DictView.Part.ITEMS).items();
    int part = "key".equals(by) ? 0 : 1;
    boolean sensitive = given.truth(run, 0);
    Sorting.sort(
        run,
        items,
        item -> folded(run, ((Tuple) item).items().get(part), sensitive),
        given.truth(run, 2));
    return items;
  }

  private static Object unique(Run run, Object value, Signature.Bound given) {
    Keys keys = Keys.of(given.get(1));
    boolean sensitive = given.truth(run, 0);
    return PyIterator.generator(
        new LazyIterator(
            () -> {
              Set<Object> seen = new HashSet<>();
              List<Object> found = new ArrayList<>();
              Iterator<Object> items = Values.iterate(run, value);
              while (items.hasNext()) {
                Object item = items.next();
                run.elements(1);
                if (seen.add(Dict.hash(folded(run, keys.get(run, item), sensitive)))) {
                  found.add(item);
                }
              }
              return found.iterator();
            }));
  }

  private static Object extreme(Run run, Object value, Signature.Bound given, boolean least) {
    Iterator<Object> items = Values.iterate(run, value);
    if (!items.hasNext()) {
      return new Undefined("No aggregated item, sequence was empty.");
    }
    Keys keys = Keys.of(given.get(1));
    boolean sensitive = given.truth(run, 0);
    Object found = items.next();
    Object foundKey = folded(run, keys.get(run, found), sensitive);
    while (items.hasNext()) {
      Object item = items.next();
      Object key = folded(run, keys.get(run, item), sensitive);
      boolean better =
          least ? Comparison.isLess(run, key, foundKey) : Comparison.holds(run, ">", key, foundKey);
      if (better) {
        found = item;
        foundKey = key;
      }
    }
    return found;
  }

  private static Object sum(Run run, Object value, Signature.Bound given) {
    Keys keys = given.get(0) == null ? null : Keys.of(given.get(0));
    Object sum = given.get(1, 0L);
    if (Values.isText(sum)) {
      throw JinjaException.type("sum() can't sum strings [use ''.join(seq) instead]");
    }
    Iterator<Object> items = Values.iterate(run, value);
    while (items.hasNext()) {
      Object item = items.next();
      run.step(1);
      sum = Arithmetic.apply(run, "+", sum, keys == null ? item : keys.get(run, item));
    }
    return sum;
  }

  private static Object groupBy(Run run, Object value, Signature.Bound given) {
    Keys keys = Keys.of(given.get(0)).otherwise(given.get(1));
    boolean sensitive = given.truth(run, 2);
    List<Object> items = Values.list(run, value);
    Sorting.sort(run, items, item -> folded(run, keys.get(run, item), sensitive), false);
    List<Object> groups = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    Object key = null;
    for (Object item : items) {
      Object next = folded(run, keys.get(run, item), sensitive);
      if (!group.isEmpty() && next != key && !Comparison.equal(run, key, next)) {
        groups.add(group(run, keys, key, group, sensitive));
        group = new ArrayList<>();
      }
      if (group.isEmpty()) {
        key = next;
      }
      group.add(item);
    }
    if (!group.isEmpty()) {
      groups.add(group(run, keys, key, group, sensitive));
    }
    return groups;
  }

  private static Tuple group(
      Run run, Keys keys, Object key, List<Object> group, boolean sensitive) {
    Object first = sensitive ? key : keys.get(run, group.get(0));
    return new Tuple(java.util.Arrays.asList(first, group), true);
  }
}
