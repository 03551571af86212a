package ai.dmt.internal.jinja;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A chat template. It is read once and can be rendered by several threads at a time. */
public final class Template {
  /** Of all renderings together: some at the beginning, and so many for each. */
  private static final long FIRST_STEPS = 200_000_000;

  private static final long STEPS_EACH = 1_000_000;

  private final Compiler.Program program;

  private final AtomicLong renderings = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();

  private Template(Compiler.Program program) {
    this.program = program;
  }

  /**
   * Reads a template.
   *
   * @param source text of the template, in Jinja
   * @return the template, ready to render
   * @throws JinjaException if it is malformed or uses what is not supported
   */
  public static Template parse(String source) {
    try {
      return new Template(Compiler.compile(Parser.parse(source)));
    } catch (StackOverflowError e) {
      throw JinjaException.syntax(0, "it nests too deeply");
    }
  }

  /**
   * Renders with variables: texts, numbers, truth values, null, lists and maps of them.
   *
   * @param variables values by name, such as {@code messages}
   * @param unknown names of variables that transformers could have and the caller does not know
   * @param now what {@code strftime_now} writes
   * @param timeLimitMillis longest time of this rendering, in milliseconds
   * @return the text that the template writes
   * @throws JinjaLimitException if it takes too much time or memory
   * @throws JinjaException if it refuses its input, or fails where Python fails
   */
  public String render(
      Map<String, ?> variables, Set<String> unknown, LocalDateTime now, long timeLimitMillis) {
    Map<String, Object> values = new HashMap<>();
    variables.forEach((name, value) -> values.put(name, Values.of(value)));
    Run run = new Run(values, unknown, now, timeLimitMillis);
    try {
      program.body().execute(new Scope(run, null, program.function().size()));
      return run.output();
    } catch (StackOverflowError e) {
      throw new JinjaLimitException("it nests too deeply");
    } finally {
      demandUsual(run.steps());
    }
  }

  /** Many renderings that are each just below the limit exceed it together. */
  private void demandUsual(long more) {
    long allowed = FIRST_STEPS + renderings.incrementAndGet() * STEPS_EACH;
    if (steps.addAndGet(more) > allowed) {
      throw new JinjaLimitException(
          "its renderings take more than %s steps each".formatted(STEPS_EACH));
    }
  }
}
