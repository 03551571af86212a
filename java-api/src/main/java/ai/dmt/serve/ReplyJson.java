package ai.dmt.serve;

import ai.dmt.generate.FinishReason;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The bodies of one answer, in the form of OpenAI's. */
final class ReplyJson {
  private final CompletionCall call;
  private final String id;
  private final long created;

  /** Those of one call. @param created in seconds since 1970 */
  ReplyJson(CompletionCall call, String id, long created) {
    this.call = call;
    this.id = (call.chat() ? "chatcmpl-" : "cmpl-") + id;
    this.created = created;
  }

  /** The body of an answer that is not streamed. @param texts one for each choice */
  ObjectNode whole(List<String> texts, List<FinishReason> reasons, int completionTokens) {
    ObjectNode body = head(call.chat() ? "chat.completion" : "text_completion");
    ArrayNode choices = body.putArray("choices");
    for (int c = 0; c < texts.size(); c++) {
      ObjectNode choice = choices.addObject().put("index", c);
      if (call.chat()) {
        choice
            .putObject("message")
            .put("role", "assistant")
            .put("content", texts.get(c))
            .putNull("refusal");
      } else {
        choice.put("text", texts.get(c));
      }
      choice.putNull("logprobs").put("finish_reason", word(reasons.get(c)));
    }
    addUsage(body, completionTokens);
    return body;
  }

  /** The first event of a choice of a conversation. */
  ObjectNode begin(int choice) {
    ObjectNode delta = JsonNodeFactory.instance.objectNode();
    return event(choice, delta.put("role", "assistant").put("content", ""), "", null);
  }

  /** An event of a stream. @param reason null until the choice has ended */
  ObjectNode piece(int choice, String text, @Nullable FinishReason reason) {
    ObjectNode delta = JsonNodeFactory.instance.objectNode();
    return event(choice, text.isEmpty() ? delta : delta.put("content", text), text, reason);
  }

  private ObjectNode event(
      int index, ObjectNode delta, String text, @Nullable FinishReason reason) {
    ObjectNode body = head(call.chat() ? "chat.completion.chunk" : "text_completion");
    ObjectNode choice = body.putArray("choices").addObject().put("index", index);
    if (call.chat()) {
      choice.set("delta", delta);
    } else {
      choice.put("text", text);
    }
    choice.putNull("logprobs").put("finish_reason", reason == null ? null : word(reason));
    if (call.withUsage()) {
      body.putNull("usage");
    }
    return body;
  }

  /** The last event of a stream that ends with a count. */
  ObjectNode usage(int completionTokens) {
    ObjectNode body = head(call.chat() ? "chat.completion.chunk" : "text_completion");
    body.putArray("choices");
    addUsage(body, completionTokens);
    return body;
  }

  private ObjectNode head(String object) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", call.model());
  }

  private void addUsage(ObjectNode body, int completionTokens) {
    body.putObject("usage")
        .put("prompt_tokens", call.promptTokens())
        .put("completion_tokens", completionTokens)
        .put("total_tokens", call.promptTokens() + completionTokens);
  }

  private static String word(FinishReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
