package ai.dmt.serve;

import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The fields of a request's body. One that is null counts as absent, as with OpenAI. */
final class RequestFields {
  /** What says something of the client or of accounts, and changes no answer. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "user",
          "metadata",
          "store",
          "service_tier",
          "safety_identifier",
          "prompt_cache_key",
          "parallel_tool_calls");

  /** What is not offered here; only the value that asks for nothing is taken. */
  private static final Map<String, Predicate<JsonNode>> NEUTRAL =
      Map.ofEntries(
          Map.entry("n", value -> value.isNumber() && value.doubleValue() == 1),
          Map.entry("best_of", value -> value.isNumber() && value.doubleValue() == 1),
          Map.entry("presence_penalty", RequestFields::isZero),
          Map.entry("frequency_penalty", RequestFields::isZero),
          Map.entry("top_logprobs", RequestFields::isZero),
          Map.entry("logprobs", value -> value.isBoolean() && !value.booleanValue()),
          Map.entry("echo", value -> value.isBoolean() && !value.booleanValue()),
          Map.entry("suffix", value -> value.isTextual() && value.textValue().isEmpty()),
          Map.entry("logit_bias", RequestFields::isEmpty),
          Map.entry("tools", RequestFields::isEmpty),
          Map.entry("functions", RequestFields::isEmpty),
          Map.entry("tool_choice", value -> Set.of("none", "auto").contains(value.asText())),
          Map.entry("function_call", value -> Set.of("none", "auto").contains(value.asText())),
          Map.entry("response_format", value -> value.path("type").asText().equals("text")),
          Map.entry("modalities", value -> value.toString().equals("[\"text\"]")));

  private final JsonNode body;

  private RequestFields(JsonNode body) {
    this.body = body;
  }

  private static boolean isZero(JsonNode value) {
    return value.isNumber() && value.doubleValue() == 0;
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isContainerNode() && value.isEmpty();
  }

  /** Checks the names. @param known those that this kind of request has */
  static RequestFields of(JsonNode body, Set<String> known) throws ApiException {
    if (!body.isObject()) {
      throw ApiException.badRequest(null, "the body must be a JSON object");
    }
    for (String name : (Iterable<String>) body::fieldNames) {
      JsonNode value = body.get(name);
      Predicate<JsonNode> neutral = NEUTRAL.get(name);
      if (neutral != null) {
        if (!value.isNull() && !neutral.test(value)) {
          throw ApiException.badRequest(
              name, "%s is not offered by this server, got %s".formatted(name, shown(value)));
        }
      } else if (!known.contains(name) && !WITHOUT_EFFECT.contains(name)) {
        List<String> all =
            Stream.of(known, NEUTRAL.keySet(), WITHOUT_EFFECT).flatMap(Set::stream).toList();
        throw ApiException.badRequest(
            Printable.value(name),
            "there is no field \"%s\", did you mean %s?"
                .formatted(Printable.value(name), NearestName.of(name, all).orElseThrow()));
      }
    }
    return new RequestFields(body);
  }

  private static String shown(JsonNode value) {
    return Printable.value(value.toString());
  }

  private static ApiException mustBe(String name, String expected, JsonNode value) {
    return ApiException.badRequest(
        name, "%s must be %s, got %s".formatted(name, expected, shown(value)));
  }

  /** The value; a missing node if it is absent. */
  JsonNode node(String name) {
    JsonNode value = body.path(name);
    return value.isNull() ? body.path("") : value;
  }

  Optional<String> text(String name) throws ApiException {
    JsonNode value = node(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw mustBe(name, "a string", value);
    }
    return Optional.of(value.textValue());
  }

  boolean flag(String name) throws ApiException {
    JsonNode value = node(name);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw mustBe(name, "true or false", value);
    }
    return value.booleanValue();
  }

  OptionalDouble number(String name) throws ApiException {
    JsonNode value = node(name);
    if (value.isMissingNode()) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber()) {
      throw mustBe(name, "a number", value);
    }
    return OptionalDouble.of(value.doubleValue());
  }

  OptionalInt positive(String name) throws ApiException {
    JsonNode value = node(name);
    if (value.isMissingNode()) {
      return OptionalInt.empty();
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
      throw mustBe(name, "a whole number from 1 to 2147483647", value);
    }
    return OptionalInt.of(value.intValue());
  }

  OptionalLong wholeNumber(String name) throws ApiException {
    JsonNode value = node(name);
    if (value.isMissingNode()) {
      return OptionalLong.empty();
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw mustBe(name, "a whole number of 64 bits", value);
    }
    return OptionalLong.of(value.longValue());
  }

  /** One string or several. @param most of them, each of at most so many characters */
  List<String> texts(String name, int most, int longest) throws ApiException {
    JsonNode value = node(name);
    List<String> texts = new ArrayList<>();
    for (JsonNode each : value.isArray() ? value : List.of(value)) {
      if (each.isMissingNode()) {
        return List.of();
      }
      if (!each.isTextual() || each.textValue().isEmpty() || each.textValue().length() > longest) {
        throw mustBe(
            name,
            "a string of 1 to %s characters, or an array of such strings".formatted(longest),
            each);
      }
      texts.add(each.textValue());
    }
    if (texts.size() > most) {
      throw ApiException.badRequest(
          name, "%s must hold at most %s strings, got %s".formatted(name, most, texts.size()));
    }
    return texts;
  }
}
