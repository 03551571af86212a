package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a dict's {@code keys}, {@code values} and {@code items} give. */
record DictView(Dict dict, Part part) {
  /** Which part of the entries. */
  enum Part {
    KEYS,
    VALUES,
    ITEMS
  }

  List<Object> items() {
    List<Object> items = new ArrayList<>(dict.size());
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      items.add(
          switch (part) {
            case KEYS -> entry.getKey();
            case VALUES -> entry.getValue();
            case ITEMS -> Tuple.of(entry.getKey(), entry.getValue());
          });
    }
    return items;
  }
}
