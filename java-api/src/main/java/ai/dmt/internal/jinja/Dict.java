package ai.dmt.internal.jinja;

import java.math.BigInteger;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A dict: in the order in which keys came, and 1, 1.0 and True are one key. */
final class Dict {
  /** Entries by what is the same for equal keys. */
  private final Map<Object, Map.Entry<Object, Object>> entries = new LinkedHashMap<>();

  void put(Object key, Object value) {
    Object hash = hash(key);
    Map.Entry<Object, Object> old = entries.get(hash);
    Object first = old == null ? key : old.getKey();
    entries.put(hash, new java.util.AbstractMap.SimpleImmutableEntry<>(first, value));
  }

  /** The entry of a key, or null. */
  Map.Entry<Object, Object> entry(Object key) {
    return entries.get(key instanceof String ? key : hash(key));
  }

  boolean contains(Object key) {
    return entry(key) != null;
  }

  Collection<Map.Entry<Object, Object>> entries() {
    return entries.values();
  }

  int size() {
    return entries.size();
  }

  /** What is equal in Java where values are equal in Python. */
  static Object hash(Object key) {
    if (key instanceof Boolean truth) {
      return truth ? 1L : 0L;
    }
    if (key instanceof Double number) {
      return number == Math.rint(number) && !Double.isInfinite(number)
          ? Numbers.normal(new java.math.BigDecimal(number).toBigInteger())
          : number;
    }
    if (key instanceof Markup markup) {
      return markup.text();
    }
    if (key instanceof Tuple tuple) {
      return new Items(tuple.items().stream().map(Dict::hash).toList());
    }
    if (key instanceof Undefined) {
      return Undefined.class;
    }
    if (key == null) {
      return Void.class;
    }
    if (key instanceof List<?> || key instanceof Dict || key instanceof DictView) {
      throw JinjaException.type("unhashable type: '%s'", Values.typeName(key));
    }
    if (key instanceof String || key instanceof Long || key instanceof BigInteger) {
      return key;
    }
    throw JinjaException.refused(
        "a value of type %s as a key is not supported", Values.typeName(key));
  }

  /** The hash of a tuple. */
  private record Items(List<Object> hashes) {}
}
