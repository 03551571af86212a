package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Conversations of a file, read one at a time: a file may be larger than memory. The file is a JSON
 * array or JSON lines; the format of each record is told by its fields:
 *
 * <ul>
 *   <li>GSM8K {@code question, answer}; RFT {@code query, response}
 *   <li>Alpaca {@code instruction, input, output}; the input follows the instruction on a new line
 *   <li>ShareGPT {@code conversations: [{from, value}]}. Turns before the first question are
 *       dropped (a system turn in front is kept), so is a question at the end that nobody answers,
 *       and all from the first empty turn on; each is counted
 * </ul>
 */
public final class ConversationReader implements Iterator<Conversation>, AutoCloseable {
  private final Path file;
  private final RecordStream records;
  private final DropCounts drops = new DropCounts();
  private long recordCount;
  private Conversation ahead;

  private ConversationReader(Path file, RecordStream records) {
    this.file = file;
    this.records = records;
  }

  /**
   * Opens a file.
   *
   * @throws DataException if it is not there or cannot be read
   */
  public static ConversationReader open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new DataException(
            new Origin(file.toString(), 0), "is a folder, expected a file of JSON or JSON lines");
      }
      return new ConversationReader(file, new RecordStream(file));
    } catch (NoSuchFileException e) {
      throw new DataException(new Origin(file.toString(), 0), "no such file", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** What was dropped so far. */
  public DropCounts drops() {
    return drops;
  }

  /** Records read so far, those of which nothing was left included. */
  public long records() {
    return recordCount;
  }

  /**
   * Whether there is another conversation.
   *
   * @throws DataException if the next record is malformed or of unknown shape, or if the file is
   *     empty
   */
  @Override
  public boolean hasNext() {
    while (ahead == null) {
      Optional<JsonNode> record = nextRecord();
      if (record.isEmpty()) {
        return false;
      }
      ahead = conversation(record.get());
    }
    return true;
  }

  @Override
  public Conversation next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no more conversations in " + file);
    }
    Conversation conversation = ahead;
    ahead = null;
    return conversation;
  }

  @Override
  public void close() {
    try {
      records.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private Optional<JsonNode> nextRecord() {
    try {
      JsonNode record = records.next();
      if (record == null && recordCount == 0) {
        throw new DataException(
            new Origin(file.toString(), 0), "has no records, expected at least one");
      }
      recordCount += record == null ? 0 : 1;
      return Optional.ofNullable(record);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** What is left of a record; null if that is nothing. */
  private Conversation conversation(JsonNode record) {
    Origin origin = records.origin();
    if (!record.isObject()) {
      throw new DataException(origin, "a record must be an object, got " + record.getNodeType());
    }
    RecordFormat format =
        RecordFormat.of(record)
            .orElseThrow(
                () ->
                    new DataException(
                        origin,
                        "record has the fields %s, expected %s"
                            .formatted(fieldNames(record), RecordFormat.expected())));
    List<Turn> turns = trim(format.turns(record, origin));
    if (turns.isEmpty()) {
      drops.add(DropReason.EMPTY_CONVERSATION, 1);
      return null;
    }
    String id = record.path("id").asText("");
    return new Conversation(id.isEmpty() ? shortOrigin(origin) : id, origin, turns);
  }

  /** Leaves complete pairs of question and answer; empty if there are none. */
  private List<Turn> trim(List<Turn> turns) {
    List<Turn> kept = new ArrayList<>();
    int start = 0;
    if (!turns.isEmpty() && turns.get(0).role() == Role.SYSTEM) {
      start = 1;
      if (!turns.get(0).text().isBlank()) {
        kept.add(turns.get(0));
      }
    }
    int system = kept.size();
    int first = start;
    while (first < turns.size() && turns.get(first).role() != Role.USER) {
      first++;
    }
    drops.add(DropReason.LEADING_TURN, first - start);
    int end = first;
    while (end < turns.size() && !turns.get(end).text().isBlank()) {
      end++;
    }
    drops.add(DropReason.AFTER_EMPTY_TURN, turns.size() - end);
    if (end > first && turns.get(end - 1).role() == Role.USER) {
      end--;
      drops.add(DropReason.UNANSWERED_QUESTION, 1);
    }
    kept.addAll(turns.subList(first, end));
    return kept.size() == system ? List.of() : kept;
  }

  private static String shortOrigin(Origin origin) {
    return Path.of(origin.file()).getFileName() + ":" + origin.line();
  }

  private static List<String> fieldNames(JsonNode record) {
    List<String> names = new ArrayList<>();
    record.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static DataException unreadable(Path file, IOException e) {
    return new DataException(
        new Origin(file.toString(), 0), "cannot be read: " + e.getMessage(), e);
  }
}
