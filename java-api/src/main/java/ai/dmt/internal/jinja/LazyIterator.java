package ai.dmt.internal.jinja;

import java.util.Iterator;
import java.util.function.Supplier;

/** What is made when it is first asked for. */
final class LazyIterator implements Iterator<Object> {
  private final Supplier<Iterator<Object>> maker;
  private Iterator<Object> items;

  LazyIterator(Supplier<Iterator<Object>> maker) {
    this.maker = maker;
  }

  private Iterator<Object> items() {
    if (items == null) {
      items = maker.get();
    }
    return items;
  }

  @Override
  public boolean hasNext() {
    return items().hasNext();
  }

  @Override
  public Object next() {
    return items().next();
  }
}
