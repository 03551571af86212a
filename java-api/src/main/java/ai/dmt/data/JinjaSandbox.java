package ai.dmt.data;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.io.FileNotFoundException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a template that came with a model and is not trusted. It reads no file and no variable but
 * its input, calls no Java method but those of {@link PythonMethods}, and ends after a bounded time
 * and output.
 */
final class JinjaSandbox {
  private static final long MAX_OUTPUT = 1 << 26;
  private static final int MAX_ELEMENTS = 100_000;

  private final String source;
  private final long timeLimitMillis;
  private final Jinjava jinjava;
  private final ThreadLocal<Long> deadline = new ThreadLocal<>();

  /**
   * Makes a sandbox.
   *
   * @param timeLimitMillis most time of one rendering
   */
  JinjaSandbox(String source, long timeLimitMillis) {
    this.source = source;
    this.timeLimitMillis = timeLimitMillis;
    this.jinjava = new Jinjava(config());
    jinjava.setResourceLocator(
        (name, encoding, interpreter) -> {
          throw new FileNotFoundException("a chat template may not read " + name);
        });
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", JinjaFunctions.class, "raiseException", Object.class));
    jinjava.getGlobalContext().registerTag(new GenerationTag());
  }

  /**
   * Renders with variables.
   *
   * @throws JinjaException if the template is malformed, refuses, or exceeds its limits
   */
  String render(Map<String, Object> variables) {
    String normal =
        JinjaSource.normalize(
            source, filter -> jinjava.getGlobalContext().getFilter(filter) != null);
    FutureTask<RenderResult> task =
        new FutureTask<>(
            () -> {
              deadline.set(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeLimitMillis));
              return jinjava.renderForResult(normal, variables);
            });
    Thread thread = new Thread(null, task, "chat template", 1 << 22); // nesting has its own stack
    thread.setDaemon(true);
    thread.start();
    RenderResult result = await(task);
    for (TemplateError error : result.getErrors()) {
      throw new JinjaException(JinjaException.sentence(error));
    }
    return result.getOutput();
  }

  private RenderResult await(FutureTask<RenderResult> task) {
    try {
      // What one expression can take is bounded by the sizes below; nodes look at the deadline.
      return task.get(2 * timeLimitMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OutOfTime || e.getCause() instanceof StackOverflowError
          ? tooLong()
          : new JinjaException(String.valueOf(e.getCause().getMessage()));
    } catch (TimeoutException e) {
      task.cancel(true);
      throw tooLong();
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      throw new JinjaException("interrupted");
    }
  }

  private JinjaException tooLong() {
    return new JinjaException(
        "it takes longer than %s ms, or nests too deeply".formatted(timeLimitMillis));
  }

  private JinjavaConfig config() {
    return JinjavaConfig.newBuilder()
        .withTrimBlocks(true)
        .withLstripBlocks(true)
        .withNestedInterpretationEnabled(false) // what a text holds is never run
        .withReadOnlyResolver(true)
        .withElResolver(PythonMethods.resolver())
        .withDisabled(
            Map.of(
                Library.TAG, Set.of("include", "import", "from", "extends"),
                Library.FUNCTION, Set.of("now", "today", "unixtimestamp")))
        .withMaxOutputSize(MAX_OUTPUT)
        .withMaxStringLength(MAX_OUTPUT)
        .withMaxListSize(MAX_ELEMENTS)
        .withMaxMapSize(MAX_ELEMENTS)
        .withRangeLimit(MAX_ELEMENTS)
        .withMaxRenderDepth(20)
        .withMaxMacroRecursionDepth(20)
        .withLegacyOverrides(
            LegacyOverrides.newBuilder()
                .withIterateOverMapKeys(true)
                .withEvaluateMapKeys(true)
                .withUsePyishObjectMapper(true)
                .withUseNaturalOperatorPrecedence(true)
                .withParseWhitespaceControlStrictly(true)
                .withAllowAdjacentTextNodes(true)
                .withUseTrimmingForNotesAndExpressions(true)
                .withKeepNullableLoopValues(true)
                .build())
        .withProcessors(
            JinjavaProcessors.newBuilder()
                .withNodePreProcessor((node, interpreter) -> checkDeadline())
                .build())
        .build();
  }

  private void checkDeadline() {
    Long end = deadline.get();
    if (end != null && System.nanoTime() - end > 0) {
      throw new OutOfTime();
    }
  }

  /** No exception, since the library goes on after those. */
  private static final class OutOfTime extends Error {
    private static final long serialVersionUID = 1L;
  }
}
