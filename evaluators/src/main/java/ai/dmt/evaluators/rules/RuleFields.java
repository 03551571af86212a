package ai.dmt.evaluators.rules;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.internal.text.NearestName;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;

/** Fields of a rule; what is asked for is known, everything else is refused at the end. */
final class RuleFields {
  private final JsonNode rule;
  private final Origin origin;
  private final String place;
  private final Set<String> known = new TreeSet<>();

  /** Makes fields. @param place such as "rules[0][1]", for messages */
  RuleFields(JsonNode rule, Origin origin, String place) {
    this.rule = rule;
    this.origin = origin;
    this.place = place;
    if (!rule.isObject()) {
      throw fault("must be an object, got " + rule);
    }
  }

  boolean has(String field) {
    known.add(field);
    return rule.has(field);
  }

  JsonNode value(String field) {
    known.add(field);
    if (!rule.has(field)) {
      throw fault("lacks \"%s\"".formatted(field));
    }
    return rule.get(field);
  }

  String text(String field) {
    JsonNode value = value(field);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw fault("\"%s\" must be a string that is not empty, got %s".formatted(field, value));
    }
    return value.textValue();
  }

  String text(String field, String otherwise) {
    return has(field) ? text(field) : otherwise;
  }

  double number(String field, double otherwise, double low, double high) {
    if (!has(field)) {
      return otherwise;
    }
    JsonNode value = value(field);
    double number = value.asDouble();
    if (!value.isNumber() || !(number >= low && number <= high)) {
      throw fault("\"%s\" must be a number in [%s, %s], got %s".formatted(field, low, high, value));
    }
    return number;
  }

  int count(String field, int otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    JsonNode value = value(field);
    if (!value.isInt() || value.intValue() < 0) {
      throw fault("\"%s\" must be a whole number from 0, got %s".formatted(field, value));
    }
    return value.intValue();
  }

  boolean isTrue(String field) {
    if (!has(field)) {
      return false;
    }
    JsonNode value = value(field);
    if (!value.isBoolean()) {
      throw fault("\"%s\" must be true or false, got %s".formatted(field, value));
    }
    return value.booleanValue();
  }

  /** Refuses what nobody asked for. */
  void refuseOthers() {
    rule.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw fault(
                    "has an unknown field \"%s\"; did you mean \"%s\"?"
                        .formatted(name, NearestName.of(name, known).orElseThrow()));
              }
            });
  }

  DataException fault(String text) {
    return new DataException(origin, place + " " + text);
  }
}
