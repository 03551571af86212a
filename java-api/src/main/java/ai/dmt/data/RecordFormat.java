package ai.dmt.data;

import ai.dmt.internal.text.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Shapes of records that are understood; a record's shape is told by its fields. */
enum RecordFormat {
  GSM8K("gsm8k", "question", "answer") {
    @Override
    List<Turn> turns(RecordFields record) {
      return exchange(Turn.user(record.text("question")), record.text("answer"));
    }
  },
  RFT("rft", "query", "response") {
    @Override
    List<Turn> turns(RecordFields record) {
      return exchange(Turn.user(record.text("query")), record.text("response"));
    }
  },
  ALPACA("alpaca", "instruction", "output") {
    @Override
    List<Turn> turns(RecordFields record) {
      List<Turn> turns = new ArrayList<>();
      for (List<String> pair : record.pairs("history")) {
        turns.addAll(exchange(Turn.user(pair.get(0)), pair.get(1)));
      }
      Turn question = Turn.user(record.text("instruction"), record.textOrEmpty("input"));
      turns.addAll(exchange(question, record.text("output")));
      return turns;
    }
  },
  DOLLY("dolly", "instruction", "response") {
    @Override
    List<Turn> turns(RecordFields record) {
      Turn question = Turn.user(record.text("instruction"), record.textOrEmpty("context"));
      return exchange(question, record.text("response"));
    }
  },
  ORCA("orca", "question", "response") {
    @Override
    List<Turn> turns(RecordFields record) {
      return exchange(Turn.user(record.text("question")), record.text("response"));
    }
  },
  SHAREGPT("sharegpt", "conversations") {
    @Override
    List<Turn> turns(RecordFields record) {
      return turnsOf(record, "conversations", "from", "value");
    }
  },
  MESSAGES("messages", "messages") {
    @Override
    List<Turn> turns(RecordFields record) {
      return turnsOf(record, "messages", "role", "content");
    }
  },
  PROMPT_COMPLETION("prompt-completion", "prompt", "completion") {
    @Override
    List<Turn> turns(RecordFields record) {
      return exchange(Turn.user(record.text("prompt")), record.text("completion"));
    }
  },
  TEXT("text", "text") {
    @Override
    List<Turn> turns(RecordFields record) {
      return List.of(Turn.assistant(record.text("text")));
    }
  };

  /** Names of the sides, as they occur in public files. */
  private static final Map<String, Role> ROLES =
      new TreeMap<>(
          Map.of(
              "human", Role.USER,
              "user", Role.USER,
              "gpt", Role.ASSISTANT,
              "chatgpt", Role.ASSISTANT,
              "bing", Role.ASSISTANT,
              "bard", Role.ASSISTANT,
              "assistant", Role.ASSISTANT,
              "system", Role.SYSTEM,
              "developer", Role.SYSTEM));

  /** Fields that a record of any format may have, or that stand in its turns. */
  private static final List<String> MORE_FIELDS =
      List.of(
          "id", "tags", "system", "input", "context", "history", "weight", "from", "value", "role",
          "content");

  /** Where a record says what the system's turn is; the second is Orca's. */
  private static final List<String> SYSTEM_FIELDS = List.of("system", "system_prompt");

  private final String title;
  private final List<String> fields;

  RecordFormat(String title, String... fields) {
    this.title = title;
    this.fields = List.of(fields);
  }

  /** Turns of a record as they stand in it. */
  abstract List<Turn> turns(RecordFields record);

  /** Turns, with what a field "system" beside them says in front. */
  final List<Turn> allTurns(RecordFields record) {
    List<Turn> turns = turns(record);
    String field = SYSTEM_FIELDS.get(0);
    String system = record.textOrEmpty(field);
    if (system.isBlank()) {
      field = SYSTEM_FIELDS.get(1);
      system = record.textOrEmpty(field);
    }
    if (!turns.isEmpty() && turns.get(0).role() == Role.SYSTEM) {
      record.leave(field); // the turn says it; another text is one that is not read
      return turns;
    }
    if (system.isBlank()) {
      return turns;
    }
    List<Turn> all = new ArrayList<>(turns);
    all.add(0, new Turn(Role.SYSTEM, system));
    return all;
  }

  /** Names by which {@link ReadOptions} knows the formats. */
  static List<String> names() {
    return Arrays.stream(values()).map(format -> format.title).toList();
  }

  /** What the sides of a conversation are called in public files. */
  static List<String> roles() {
    return List.copyOf(ROLES.keySet());
  }

  /** Every field that some format has. */
  static TreeSet<String> knownFields() {
    TreeSet<String> known = new TreeSet<>(MORE_FIELDS);
    Arrays.stream(values()).forEach(format -> known.addAll(format.fields));
    return known;
  }

  /** The format of a record: the one that was asked for, or the first whose fields it has. */
  static RecordFormat of(RecordFields record, String name) {
    Optional<RecordFormat> found =
        formats(name).filter(format -> record.hasAll(format.fields)).findFirst();
    return found.orElseThrow(
        () ->
            new RecordFaultException(
                record.origin(),
                "record has the fields %s, expected %s; %s"
                    .formatted(record.shownNames(), expected(name), advice(record, name))));
  }

  /** A name that is misspelt in one format is that one's; else there is no telling. */
  private static String advice(RecordFields record, String name) {
    return formats(name)
        .map(format -> record.misspelt(format.fields))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse("map its fields, or convert it");
  }

  private static Stream<RecordFormat> formats(String name) {
    return Arrays.stream(values())
        .filter(format -> name.equals(ReadOptions.AUTO) || name.equals(format.title));
  }

  private static String expected(String name) {
    return formats(name)
        .map(format -> "{" + String.join(", ", format.fields) + "}")
        .collect(Collectors.joining(" or "));
  }

  private static List<Turn> exchange(Turn question, String answer) {
    return List.of(question, Turn.assistant(answer));
  }

  private static List<Turn> turnsOf(RecordFields record, String list, String role, String text) {
    List<Turn> turns = new ArrayList<>();
    for (RecordFields turn : record.objects(list)) {
      String name = turn.text(role);
      if (!ROLES.containsKey(name)) {
        throw new RecordFaultException(
            record.origin(),
            "\"%s\" of turn %s is \"%s\", expected one of %s"
                .formatted(
                    role,
                    turns.size() + 1,
                    Printable.value(name),
                    String.join(", ", ROLES.keySet())));
      }
      Turn said = new Turn(ROLES.get(name), turn.textOrParts(text));
      turns.add(turn.isTrained() ? said : said.untrained());
    }
    return turns;
  }
}
