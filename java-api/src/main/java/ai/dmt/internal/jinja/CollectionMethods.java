package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Methods of lists, tuples, dicts and ranges that change nothing. */
final class CollectionMethods {
  private CollectionMethods() {}

  static Object ofList(List<?> list, String name) {
    if (name.equals("copy")) {
      return new Method(
          name,
          (run, given) -> {
            Signature.of("copy", 0).bind(given);
            run.elements(list.size());
            return new ArrayList<Object>(list);
          });
    }
    return ofSequence(list, name);
  }

  static Object ofTuple(Tuple tuple, String name) {
    if (tuple.isGroup() && (name.equals("grouper") || name.equals("list"))) {
      return tuple.items().get(name.equals("list") ? 1 : 0);
    }
    return ofSequence(tuple.items(), name);
  }

  static Object ofRange(Range range, String name) {
    return switch (name) {
      case "start" -> range.start();
      case "stop" -> range.stop();
      case "step" -> range.step();
      default -> ofSequence(range.items(), name);
    };
  }

  private static Object ofSequence(List<?> items, String name) {
    return switch (name) {
      case "count" -> new Method(name, (run, given) -> count(run, items, given));
      case "index" -> new Method(name, (run, given) -> index(run, items, given));
      default -> Scope.Missing.MISSING;
    };
  }

  private static Object count(Run run, List<?> items, Arguments given) {
    Object value = Signature.of("count", 1, "/value").bind(given).get(0);
    long count = 0;
    for (Object item : items) {
      count += item == value || Comparison.equal(run, item, value) ? 1 : 0;
    }
    return count;
  }

  private static Object index(Run run, List<?> items, Arguments given) {
    Signature.Bound bound = Signature.of("index", 1, "/value", "/start", "/stop").bind(given);
    int size = items.size();
    int from = Math.max(0, within(bound.number(1, 0), size));
    int to = Math.min(size, within(bound.number(2, Integer.MAX_VALUE), size));
    for (int i = from; i < to; i++) {
      if (items.get(i) == bound.get(0) || Comparison.equal(run, items.get(i), bound.get(0))) {
        return (long) i;
      }
    }
    throw JinjaException.value("the value is not in the list");
  }

  private static int within(int index, int size) {
    return index < 0 ? Math.max(0, index + size) : index;
  }

  static Object ofDict(Dict dict, String name) {
    return switch (name) {
      case "get" -> new Method(name, (run, given) -> get(dict, given));
      case "keys" -> view(name, dict, DictView.Part.KEYS);
      case "values" -> view(name, dict, DictView.Part.VALUES);
      case "items" -> view(name, dict, DictView.Part.ITEMS);
      case "copy" ->
          new Method(
              name,
              (run, given) -> {
                Signature.of(name, 0).bind(given);
                run.elements(dict.size());
                Dict copy = new Dict();
                dict.entries().forEach(entry -> copy.put(entry.getKey(), entry.getValue()));
                return copy;
              });
      case "fromkeys" -> throw JinjaException.refused("method fromkeys is not supported");
      default -> Scope.Missing.MISSING;
    };
  }

  private static Method view(String name, Dict dict, DictView.Part part) {
    return new Method(
        name,
        (run, given) -> {
          Signature.of(name, 0).bind(given);
          return new DictView(dict, part);
        });
  }

  private static Object get(Dict dict, Arguments given) {
    Signature.Bound bound = Signature.of("get", 1, "/key", "/default").bind(given);
    Map.Entry<Object, Object> entry = dict.entry(bound.get(0));
    return entry == null ? bound.get(1, null) : entry.getValue();
  }
}
