package ai.dmt.serve;

import ai.dmt.generate.GenerationLoad;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts of a server, as Prometheus reads them. */
final class ServerMetrics {
  private final Map<String, LongAdder> responses = new ConcurrentSkipListMap<>();
  private final Map<Answering.End, LongAdder> ended = new ConcurrentSkipListMap<>();
  private final LongAdder completions = new LongAdder();
  private final LongAdder completionNanos = new LongAdder();
  private final LongAdder firstTexts = new LongAdder();
  private final LongAdder firstTextNanos = new LongAdder();

  /** A response has begun. @param path one that the server knows, or "other" */
  void onResponse(String path, int status) {
    String labels = "{path=\"%s\",status=\"%s\"}".formatted(path, status);
    responses.computeIfAbsent(labels, each -> new LongAdder()).increment();
  }

  /** An answer has ended before its time. */
  void onEnd(Answering.End end) {
    ended.computeIfAbsent(end, each -> new LongAdder()).increment();
  }

  /** The first text of an answer is there. @param nanos since its request came */
  void onFirstText(long nanos) {
    firstTexts.increment();
    firstTextNanos.add(nanos);
  }

  /** A request has been answered to its end. @param nanos since it came */
  void onCompletion(long nanos) {
    completions.increment();
    completionNanos.add(nanos);
  }

  /** The page. */
  String text(GenerationLoad load, int slots) {
    StringBuilder page = new StringBuilder();
    family(page, "dmt_responses_total", "counter", "HTTP responses by path and status");
    responses.forEach((labels, count) -> line(page, "dmt_responses_total" + labels, count.sum()));
    family(page, "dmt_requests_ended_early_total", "counter", "answers that were broken off");
    for (Answering.End end : Answering.End.values()) {
      LongAdder count = ended.get(end);
      String reason = end.name().toLowerCase(Locale.ROOT);
      line(
          page,
          "dmt_requests_ended_early_total{reason=\"%s\"}".formatted(reason),
          count == null ? 0 : count.sum());
    }
    one(page, "dmt_slots", "gauge", "completions that are decoded at once at most", slots);
    one(page, "dmt_completions_running", "gauge", "completions being decoded", load.running());
    one(page, "dmt_completions_waiting", "gauge", "completions without a slot", load.waiting());
    one(page, "dmt_prompt_tokens_total", "counter", "tokens of prompts", load.promptTokens());
    one(
        page,
        "dmt_generated_tokens_total",
        "counter",
        "tokens that were chosen",
        load.generatedTokens());
    summary(page, "dmt_request_seconds", "from request to answer", completions, completionNanos);
    summary(page, "dmt_first_text_seconds", "from request to text", firstTexts, firstTextNanos);
    return page.toString();
  }

  private static void family(StringBuilder page, String name, String type, String help) {
    page.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private static void line(StringBuilder page, String name, long value) {
    page.append(name).append(' ').append(value).append('\n');
  }

  private static void one(StringBuilder page, String name, String type, String help, long value) {
    family(page, name, type, help);
    line(page, name, value);
  }

  private static void summary(
      StringBuilder page, String name, String help, LongAdder count, LongAdder nanos) {
    family(page, name, "summary", help);
    page.append("%s_sum %s\n".formatted(name, nanos.sum() / 1e9));
    line(page, name + "_count", count.sum());
  }
}
