package ai.dmt.evaluators.rules;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.internal.text.NearestName;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads a question's rules: for each turn an array of {@code {"type", "weight", ...}}. */
final class RuleReader {
  private static final double MAX_WEIGHT = 1000;

  private static final Map<String, Function<RuleFields, Check>> TYPES =
      Map.ofEntries(
          Map.entry("contains", TextChecks::contains),
          Map.entry("excludes", TextChecks::excludes),
          Map.entry("starts_with", TextChecks::startsWith),
          Map.entry("ends_with", TextChecks::endsWith),
          Map.entry("equals", TextChecks::equalTo),
          Map.entry("letter_case", TextChecks::letterCase),
          Map.entry("regex", TextChecks::regex),
          Map.entry("json", FormChecks::json),
          Map.entry("skeleton", FormChecks::skeleton),
          Map.entry("words_in_place", FormChecks::wordsInPlace),
          Map.entry("words", CountChecks::words),
          Map.entry("lines", CountChecks::lines),
          Map.entry("paragraphs", CountChecks::paragraphs),
          Map.entry("bullets", CountChecks::bullets));

  private RuleReader() {}

  /**
   * A rubric for each turn.
   *
   * @throws DataException naming file and line, if the rules are missing or malformed
   */
  static List<Rubric> read(Question question) {
    Origin origin = question.origin();
    JsonNode turns = question.rules();
    if (turns == null) {
      throw new DataException(
          origin,
          "question %s has no \"rules\", which the rule-based judge needs"
              .formatted(question.id()));
    }
    if (!turns.isArray() || turns.size() != question.turns().size()) {
      throw new DataException(
          origin,
          "\"rules\" must be an array with %s arrays of rules, one for each turn"
              .formatted(question.turns().size()));
    }
    List<Rubric> rubrics = new ArrayList<>();
    for (JsonNode rules : turns) {
      rubrics.add(rubric(rules, origin, "rules[%s]".formatted(rubrics.size())));
    }
    return rubrics;
  }

  private static Rubric rubric(JsonNode rules, Origin origin, String place) {
    if (!rules.isArray() || rules.isEmpty()) {
      throw new DataException(origin, place + " must be an array of rules, at least one");
    }
    List<Rule> read = new ArrayList<>();
    for (JsonNode rule : rules) {
      read.add(rule(new RuleFields(rule, origin, "%s[%s]".formatted(place, read.size()))));
    }
    if (read.stream().allMatch(rule -> rule.weight() == 0)) {
      throw new DataException(origin, place + " has no rule with a weight above 0");
    }
    return new Rubric(read);
  }

  private static Rule rule(RuleFields fields) {
    String type = fields.text("type");
    Function<RuleFields, Check> reader = TYPES.get(type);
    if (reader == null) {
      throw fields.fault(
          "has an unknown type \"%s\"; did you mean \"%s\"?"
              .formatted(type, NearestName.of(type, TYPES.keySet()).orElseThrow()));
    }
    Rule rule =
        new Rule(
            type,
            fields.number("weight", 1, 0, MAX_WEIGHT),
            fields.number("gate", 0, 0, 1),
            reader.apply(fields));
    fields.refuseOthers();
    return rule;
  }
}
