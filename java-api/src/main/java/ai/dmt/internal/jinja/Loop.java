package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A loop as the template sees it, by the name {@code loop}. It looks one item ahead if asked. */
final class Loop implements Iterator<Object>, Callable {
  private static final Object NOTHING = Scope.Missing.MISSING;

  private final Run run;
  private final Object iterable;
  private final LoopCompiler.Recursion recursion;
  private final int depth0;
  private Iterator<Object> items;
  private long length = -1;
  private long index0 = -1;
  private Object before = NOTHING;
  private Object current = NOTHING;
  private Object after = NOTHING;
  private List<Object> lastChanged;

  Loop(Run run, Object iterable, LoopCompiler.Recursion recursion, int depth0) {
    this.run = run;
    this.iterable = iterable;
    this.items = Values.iterate(run, iterable);
    this.recursion = recursion;
    this.depth0 = depth0;
  }

  @Override
  public boolean hasNext() {
    return after != NOTHING || items.hasNext();
  }

  @Override
  public Object next() {
    Object next = after == NOTHING ? items.next() : after;
    after = NOTHING;
    index0++;
    before = current;
    current = next;
    return next;
  }

  private Object peek() {
    if (after == NOTHING && items.hasNext()) {
      after = items.next();
    }
    return after;
  }

  long length() {
    if (length < 0) {
      length = Values.lengthOrMinus(run, iterable);
    }
    if (length < 0) {
      List<Object> rest = new ArrayList<>();
      while (items.hasNext()) {
        run.elements(1);
        rest.add(items.next());
      }
      items = rest.iterator();
      length = rest.size() + index0 + 1 + (after == NOTHING ? 0 : 1);
    }
    return length;
  }

  /** The value of an attribute, or {@code MISSING}. */
  Object attribute(String name) {
    return switch (name) {
      case "index" -> index0 + 1;
      case "index0" -> index0;
      case "length" -> length();
      case "revindex" -> length() - index0;
      case "revindex0" -> length() - index0 - 1;
      case "first" -> index0 == 0;
      case "last" -> peek() == NOTHING;
      case "depth" -> depth0 + 1L;
      case "depth0" -> (long) depth0;
      case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
      case "nextitem" -> peek() == NOTHING ? new Undefined("there is no next item") : after;
      case "cycle" -> new Method("cycle", (ignored, given) -> cycle(given));
      case "changed" -> new Method("changed", (ignored, given) -> changed(given));
      default -> NOTHING;
    };
  }

  private Object cycle(Arguments given) {
    List<Object> values = given.positional();
    if (values.isEmpty() || !given.named().isEmpty()) {
      throw JinjaException.type("no items for cycling given");
    }
    return values.get((int) (index0 % values.size()));
  }

  private Object changed(Arguments given) {
    if (!given.named().isEmpty()) {
      throw JinjaException.type("changed() got an unexpected keyword argument");
    }
    List<Object> values = new ArrayList<>(given.positional());
    if (lastChanged != null && Comparison.equal(run, new Tuple(lastChanged), new Tuple(values))) {
      return false;
    }
    lastChanged = values;
    return true;
  }

  @Override
  public Object call(Run caller, Arguments given) {
    Object items = Signature.of("loop", 1, "iterable").bind(given).get(0);
    if (recursion == null) {
      throw JinjaException.type(
          "the loop must have the 'recursive' marker to be called recursively");
    }
    return recursion.render(items, depth0 + 1);
  }
}
