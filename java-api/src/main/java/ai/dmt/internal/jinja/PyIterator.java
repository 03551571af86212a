package ai.dmt.internal.jinja;

import java.util.Iterator;

/** What can be gone through once. */
final class PyIterator implements Iterator<Object> {
  private final String type;
  private final Iterator<Object> items;

  PyIterator(String type, Iterator<Object> items) {
    this.type = type;
    this.items = items;
  }

  static PyIterator generator(Iterator<Object> items) {
    return new PyIterator("generator", items);
  }

  String type() {
    return type;
  }

  @Override
  public boolean hasNext() {
    return items.hasNext();
  }

  @Override
  public Object next() {
    return items.next();
  }
}
