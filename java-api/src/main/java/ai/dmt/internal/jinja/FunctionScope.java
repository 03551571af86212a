package ai.dmt.internal.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables of a call while it is compiled; each of jinja2's functions has its own. */
final class FunctionScope {
  private final FunctionScope outer;
  private final Map<String, Integer> indices = new HashMap<>();

  /** How many loops are open here. */
  private int loops;

  FunctionScope(FunctionScope outer) {
    this.outer = outer;
  }

  int declare(String place) {
    Integer index = indices.putIfAbsent(place, indices.size());
    return index == null ? indices.size() - 1 : index;
  }

  Scope.Place locate(String place) {
    int depth = 0;
    for (FunctionScope scope = this; scope != null; scope = scope.outer) {
      Integer index = scope.indices.get(place);
      if (index != null) {
        return new Scope.Place(depth, index);
      }
      depth++;
    }
    return new Scope.Place(0, declare(place));
  }

  /** How many variables there are; known once all is compiled. */
  int size() {
    return indices.size();
  }

  boolean isInLoop() {
    return loops > 0;
  }

  /** Python nests no more than twenty loops in a function. */
  void enterLoop(int line) {
    if (++loops > 20) {
      throw JinjaException.syntax(line, "too many loops inside each other");
    }
  }

  void leaveLoop() {
    loops--;
  }
}
