package ai.dmt.internal.jinja;

import java.util.AbstractList;

/** A range of no more numbers than the sandbox allows, which is also a list of them. */
final class Range {
  /** Of jinja2's sandbox. */
  private static final long MAX = 100_000;

  private final long start;
  private final long stop;
  private final long step;
  private final int size;

  Range(long start, long stop, long step) {
    if (step == 0) {
      throw JinjaException.value("range() arg 3 must not be zero");
    }
    double count = Math.ceil(((double) stop - start) / step);
    if (count > MAX) {
      throw JinjaException.overflow("range too big, the sandbox allows " + MAX);
    }
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.size = (int) Math.max(0, count);
  }

  static Range of(Arguments given) {
    Signature.Bound bound = Signature.of("range", 1, "/start", "/stop", "/step").bind(given);
    long first = Numbers.longIndex(bound.get(0));
    return bound.has(1)
        ? new Range(
            first,
            Numbers.longIndex(bound.get(1)),
            bound.has(2) ? Numbers.longIndex(bound.get(2)) : 1)
        : new Range(0, first, 1);
  }

  long start() {
    return start;
  }

  long stop() {
    return stop;
  }

  long step() {
    return step;
  }

  int size() {
    return size;
  }

  Object get(int index) {
    return start + index * step;
  }

  /** The numbers. */
  java.util.List<Object> items() {
    return new AbstractList<>() {
      @Override
      public Object get(int index) {
        return Range.this.get(index);
      }

      @Override
      public int size() {
        return size;
      }
    };
  }

  /** A part of it, with the bounds that Python gives it. */
  Range slice(int from, int to, int by) {
    return new Range(start + from * step, start + to * step, step * by);
  }

  @Override
  public String toString() {
    return step == 1
        ? "range(%s, %s)".formatted(start, stop)
        : "range(%s, %s, %s)".formatted(start, stop, step);
  }
}
