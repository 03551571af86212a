package ai.dmt.advise;

import java.util.Map;
import java.util.Objects;

/** Values of keys that a map has. */
final class Present {
  private Present() {}

  /** The value; throws, naming the key, where there is none, which is a fault of this package. */
  static <K, V> V in(Map<K, V> map, K key) {
    return Objects.requireNonNull(map.get(key), key::toString);
  }
}
