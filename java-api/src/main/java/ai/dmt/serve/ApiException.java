package ai.dmt.serve;

import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client is told in place of an answer, in the form of OpenAI's errors. */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final @Nullable String parameter;
  private final @Nullable String code;

  private ApiException(
      int status, String type, @Nullable String parameter, @Nullable String code, String message) {
    super(Printable.sentence(message));
    this.status = status;
    this.type = type;
    this.parameter = parameter;
    this.code = code;
  }

  /** A field that cannot be used. @param parameter its name; null for the body as a whole */
  static ApiException badRequest(@Nullable String parameter, String message) {
    return new ApiException(400, INVALID, parameter, null, message);
  }

  /** More tokens than the model takes. */
  static ApiException tooLong(String parameter, String message) {
    return new ApiException(400, INVALID, parameter, "context_length_exceeded", message);
  }

  /** A fault of the request that has a status of its own, such as 405. */
  static ApiException refused(int status, String code, String message) {
    return new ApiException(status, INVALID, null, code, message);
  }

  /** A name that no model here has. */
  static ApiException noSuchModel(String name, List<String> served) {
    return new ApiException(
        404,
        INVALID,
        "model",
        "model_not_found",
        "the model \"%s\" does not exist here; this server has \"%s\""
            .formatted(Printable.value(name), String.join("\", \"", served)));
  }

  /** More requests than are let in. */
  static ApiException overloaded(String message) {
    return new ApiException(429, "rate_limit_error", null, "rate_limit_exceeded", message);
  }

  /** What the client is not to blame for. */
  static ApiException ofServer(int status, String code, String message) {
    return new ApiException(status, "server_error", null, code, message);
  }

  int status() {
    return status;
  }

  /** Whether the same request may fare better soon. */
  boolean passes() {
    return status == 429 || status == 503;
  }

  /** The body. */
  ObjectNode json() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", parameter)
        .put("code", code);
    return body;
  }
}
