package ai.dmt.data;

import ai.dmt.internal.files.Disk;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Conversations of a file, read one at a time: a file may be larger than memory. The file is a JSON
 * array or JSON lines, either of them plain, gzip or zstd, or Parquet; which one is told by its
 * first bytes. The format of each record is told by its fields, unless {@link ReadOptions} say it:
 *
 * <ul>
 *   <li>gsm8k {@code question, answer}; rft {@code query, response}; prompt-completion {@code
 *       prompt, completion}
 *   <li>alpaca {@code instruction, input, output}, with earlier pairs in {@code history}; dolly
 *       {@code instruction, context, response}; orca {@code question, response}
 *   <li>sharegpt {@code conversations: [{from, value}]}; messages {@code messages: [{role,
 *       content}]}, whose content is a text or a list of text parts. Turns before the first
 *       question are dropped (a system turn in front is kept), so is a question at the end that
 *       nobody answers, and all from the first empty turn on; each is counted, or the record alone
 *       where nothing is left of it
 *   <li>text {@code text}: a text that answers nothing
 * </ul>
 *
 * <p>Any of them may have {@code id}, {@code tags}, {@code system} (or {@code system_prompt}) and
 * {@code weight}: a record of weight 0 is left out. In a turn, {@code weight} 0, or {@code train}
 * or {@code loss} false, takes the loss off the answer. Text in any other field is counted by the
 * name of the field, or is a fault, see {@link ReadOptions.UnreadText}.
 */
public final class ConversationReader implements Iterator<Conversation>, AutoCloseable {
  private final Path file;
  private final ReadOptions options;
  private final RecordSource records;
  private final DropCounts drops = new DropCounts();
  private final List<Origin> empty = new ArrayList<>();
  private long recordCount;
  private @Nullable Conversation ahead;
  private String firstFault = "";

  private ConversationReader(Path file, ReadOptions options, RecordSource records) {
    this.file = file;
    this.options = options;
    this.records = records;
  }

  /**
   * Opens a file with {@link ReadOptions#defaults}.
   *
   * @param file to read
   * @return its conversations, to be closed by the caller
   * @throws DataException if it is not there or cannot be read
   */
  public static ConversationReader open(Path file) {
    return open(file, ReadOptions.defaults());
  }

  /**
   * Opens a file.
   *
   * @param file to read
   * @param options how it is read, and what happens at a fault
   * @return its conversations, to be closed by the caller
   * @throws DataException if it is not there or cannot be read
   */
  public static ConversationReader open(Path file, ReadOptions options) {
    try {
      if (Files.isDirectory(file)) {
        throw new DataException(
            new Origin(file.toString(), 0), "is a folder, expected a file of records");
      }
      return new ConversationReader(
          file, options, RecordFiles.open(file, options.maxRecordBytes()));
    } catch (NoSuchFileException e) {
      throw new DataException(new Origin(file.toString(), 0), "no such file", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** {@return what was dropped so far; it counts on while the file is read} */
  public DropCounts drops() {
    return drops;
  }

  /** {@return where records were read that have no question with its answer; a view} */
  public List<Origin> empty() {
    return Collections.unmodifiableList(empty);
  }

  /** {@return message of the first record that was skipped for a fault; empty if there is none} */
  public String firstFault() {
    return firstFault;
  }

  /** {@return records read so far, those of which nothing was left included} */
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
    return peek() != null;
  }

  private @Nullable Conversation peek() {
    while (ahead == null) {
      try {
        JsonNode record = nextRecord();
        if (record == null) {
          return null;
        }
        ahead = conversation(record);
      } catch (RoleOrderException e) {
        if (options.roleOrder() == ReadOptions.RoleOrder.FAIL) {
          skip(e);
        } else {
          drops.add(DropReason.ROLE_ORDER, 1);
        }
      } catch (RecordFaultException e) {
        skip(e);
      }
    }
    return ahead;
  }

  @Override
  public Conversation next() {
    Conversation conversation = peek();
    if (conversation == null) {
      throw new NoSuchElementException("no more conversations in " + file);
    }
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

  /** The next record; null at the end. */
  private @Nullable JsonNode nextRecord() {
    try {
      JsonNode record = records.next();
      if (record == null && recordCount == 0) {
        throw new DataException(
            new Origin(file.toString(), 0), "has no records, expected at least one");
      }
      recordCount += record == null ? 0 : 1;
      return record;
    } catch (RecordFaultException e) {
      recordCount++;
      throw e;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void skip(DataException fault) {
    if (options.skipPolicy().onError() == SkipPolicy.OnError.FAIL) {
      throw fault;
    }
    long limit = options.skipPolicy().limit();
    if (drops.of(DropReason.RECORD_AT_FAULT) == limit) {
      throw new DataException(
          new Origin(file.toString(), 0),
          "more than %s records are at fault, the limit of what may be skipped; the next one is %s"
              .formatted(limit, fault.getMessage()),
          fault);
    }
    drops.add(DropReason.RECORD_AT_FAULT, 1);
    firstFault = firstFault.isEmpty() ? fault.getMessage() : firstFault;
  }

  /** What is left of a record; null if that is nothing. */
  private @Nullable Conversation conversation(JsonNode record) {
    Origin origin = records.origin();
    if (!record.isObject()) {
      throw new RecordFaultException(
          origin, "a record must be an object, got " + record.getNodeType());
    }
    RecordFields fields = new RecordFields(record, origin, options.fields());
    RecordFormat format = RecordFormat.of(fields, options.format());
    List<Turn> turns =
        format == RecordFormat.TEXT ? plainText(fields) : trim(format.allTurns(fields));
    if (turns.isEmpty()) {
      drops.add(DropReason.EMPTY_CONVERSATION, 1);
      empty.add(origin);
      return null;
    }
    boolean isTrained =
        fields.isTrained()
            && turns.stream().anyMatch(turn -> turn.role() == Role.ASSISTANT && turn.trained());
    if (!isTrained) {
      drops.add(DropReason.ZERO_WEIGHT, 1);
      return null;
    }
    String id = fields.idOrEmpty("id");
    List<String> tags = fields.tags("tags");
    countUnread(fields, turns);
    return new Conversation(id.isEmpty() ? shortOrigin(origin) : id, origin, turns, tags);
  }

  private void countUnread(RecordFields fields, List<Turn> turns) {
    drops.add(DropReason.OTHER_WEIGHT, fields.hasOtherWeight() ? 1 : 0);
    Set<String> unread = fields.unread(turns);
    if (unread.isEmpty()) {
      return;
    }
    if (options.unreadText() == ReadOptions.UnreadText.FAIL) {
      throw new RecordFaultException(
          fields.origin(),
          "no format reads the text in %s; map the field, leave it out, or set unread_text=count"
              .formatted(String.join(", ", unread)));
    }
    drops.add(DropReason.UNREAD_TEXT, 1);
    unread.forEach(field -> drops.addUnreadField(field, 1));
  }

  private static List<Turn> plainText(RecordFields fields) {
    List<Turn> turns = RecordFormat.TEXT.turns(fields);
    return turns.get(0).text().isBlank() ? List.of() : turns;
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
    int first = start;
    while (first < turns.size() && turns.get(first).role() != Role.USER) {
      first++;
    }
    int blank = first;
    while (blank < turns.size() && !turns.get(blank).text().isBlank()) {
      blank++;
    }
    boolean unanswered = blank > first && turns.get(blank - 1).role() == Role.USER;
    int end = unanswered ? blank - 1 : blank;
    if (end == first) {
      return List.of(); // counted as one conversation, not by its turns
    }
    drops.add(DropReason.LEADING_TURN, first - start);
    drops.add(DropReason.AFTER_EMPTY_TURN, turns.size() - blank);
    drops.add(DropReason.UNANSWERED_QUESTION, unanswered ? 1 : 0);
    kept.addAll(turns.subList(first, end));
    return kept;
  }

  private static String shortOrigin(Origin origin) {
    return Path.of(origin.file()).getFileName() + ":" + origin.line();
  }

  private static DataException unreadable(Path file, IOException e) {
    return new DataException(
        new Origin(file.toString(), 0), "cannot be read: " + Disk.reason(e), e);
  }
}
