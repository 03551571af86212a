package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.json.PythonJson;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A request for one completion at temperature 0, in the form of OpenAI's chat completions.
 *
 * @param model that is asked
 * @param system text; the message is left out where it is empty
 * @param user text
 * @param maxTokens longest reply
 */
record ChatRequest(String model, String system, String user, int maxTokens) {
  /** The body: always the same bytes, all ASCII, for the same request. */
  String body() {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model);
    ArrayNode messages = body.putArray("messages");
    if (!system.isEmpty()) {
      messages.addObject().put("role", "system").put("content", system);
    }
    messages.addObject().put("role", "user").put("content", user);
    return PythonJson.write(body.put("n", 1).put("temperature", 0).put("max_tokens", maxTokens));
  }

  /** Tells requests apart, and repeats of one request: 64 hexadecimal digits. */
  String key(int repeat) {
    try {
      byte[] text = (repeat + "\n" + body()).getBytes(StandardCharsets.US_ASCII);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
