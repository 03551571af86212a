package ai.dmt.internal.jinja;

import java.time.LocalDateTime;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One rendering: its variables, what is written, and how much it may take. Steps are counted rather
 * than seconds where that can be, since those are the same on every machine; the clock is there for
 * what takes long without steps.
 */
final class Run {
  private static final long MAX_STEPS = 40_000_000;
  private static final int MAX_TEXT = 1 << 26;
  private static final long MAX_MEMORY = 1L << 27;
  private static final int MAX_DEPTH = 150;
  private static final int STEPS_BETWEEN_LOOKS = 100_000;

  private final Map<String, Object> variables;
  private final Set<String> unknown;
  private final LocalDateTime now;
  private final long timeLimitMillis;
  private final long deadline;
  private StringBuilder out = new StringBuilder();
  private long written;
  private long steps;
  private long nextLook = STEPS_BETWEEN_LOOKS;
  private long memory;
  private int depth;

  Run(Map<String, Object> variables, Set<String> unknown, LocalDateTime now, long timeLimitMillis) {
    this.variables = variables;
    this.unknown = unknown;
    this.now = now;
    this.timeLimitMillis = timeLimitMillis;
    this.deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeLimitMillis);
  }

  LocalDateTime now() {
    return now;
  }

  /** A variable of the template's input, a global function, or {@code MISSING}. */
  Object variable(String name) {
    if (variables.containsKey(name)) {
      return variables.get(name);
    }
    if (unknown.contains(name)) {
      throw JinjaException.refused("variable '%s' is not supported", name);
    }
    Object global = Globals.find(name);
    return global == null ? Scope.Missing.MISSING : global;
  }

  /** Counts work: a step is what takes some nanoseconds. */
  void step(long work) {
    steps += work;
    if (steps >= nextLook || steps < 0) {
      nextLook = steps + STEPS_BETWEEN_LOOKS;
      if (steps > MAX_STEPS || steps < 0 || System.nanoTime() - deadline > 0) {
        throw new JinjaLimitException(
            "it takes more than %s steps or %s ms".formatted(MAX_STEPS, timeLimitMillis));
      }
    }
  }

  long steps() {
    return steps;
  }

  /** Counts characters, or elements at their size, before they are made. */
  void room(long size) {
    memory += size;
    if (size > MAX_TEXT || size < 0 || memory > MAX_MEMORY) {
      throw new JinjaLimitException(
          "it makes texts or lists of more than %s characters".formatted(MAX_MEMORY));
    }
    step(size / 8 + 1);
  }

  /** Counts elements of a list or dict before they are made. */
  void elements(long count) {
    room(Math.multiplyExact(Math.min(count, MAX_MEMORY), 8));
  }

  /** Counts and makes a text. */
  String text(StringBuilder text) {
    room(text.length());
    return text.toString();
  }

  /** Counts a text that was made. */
  String text(String text) {
    room(text.length());
    return text;
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new JinjaLimitException("calls nest more than %s deep".formatted(MAX_DEPTH));
    }
  }

  void leave() {
    depth--;
  }

  /** How deep calls and values nest. */
  int depth() {
    return depth;
  }

  void write(String text) {
    written += text.length();
    if (written > MAX_TEXT) {
      throw new JinjaLimitException("it writes more than %s characters".formatted(MAX_TEXT));
    }
    step(text.length() / 8 + 1L);
    out.append(text);
  }

  /** From here on, what is written is kept apart; what is given is for {@link #release}. */
  StringBuilder capture() {
    StringBuilder before = out;
    out = new StringBuilder();
    return before;
  }

  /** What was written since {@link #capture}. */
  String captured() {
    return text(out);
  }

  void release(StringBuilder before) {
    out = before;
  }

  String output() {
    return out.toString();
  }

  Object call(Object function, Arguments given) {
    step(4);
    if (function instanceof Callable callable) {
      return callable.call(this, given);
    }
    if (function instanceof Undefined undefined) {
      throw undefined.fault();
    }
    throw JinjaException.type("'%s' object is not callable", Values.typeName(function));
  }
}
