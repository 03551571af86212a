package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of a source that its preparation keeps, not yet split, one file after the
 * other.
 */
public final class KeptConversations implements Iterator<KeptConversations.Kept>, AutoCloseable {
  private final SourceFiles source;
  private final Iterator<Path> files;
  private final ConversationPreparation preparation;
  private final DropCounts dropsOfFiles = new DropCounts(); // of those that are read
  private final List<Origin> emptyOfFiles = new ArrayList<>();
  private long recordsOfFiles;
  private String firstFault = "";
  private @Nullable ConversationReader reader; // null between files
  private @Nullable Kept ahead;

  /**
   * A conversation, and what was read up to it.
   *
   * @param conversation that stays
   * @param records read so far
   * @param drops what reading and preparation left out so far
   */
  public record Kept(Conversation conversation, long records, DropCounts drops) {
    /** {@return characters of all turns, in UTF-16} */
    public int characters() {
      return conversation.turns().stream().mapToInt(turn -> turn.text().length()).sum();
    }
  }

  /**
   * Begins with the first file.
   *
   * @param source files to read, and what of them is kept
   * @param tokenizer that splitting measures with; it stays the caller's
   */
  public KeptConversations(SourceFiles source, Tokenizer tokenizer) {
    this.source = source;
    this.files = source.files().iterator();
    this.preparation = new ConversationPreparation(source.preparation(), tokenizer);
  }

  /**
   * Whether there is another conversation.
   *
   * @throws DataException if a file is at fault
   */
  @Override
  public boolean hasNext() {
    return peek() != null;
  }

  private @Nullable Kept peek() {
    while (ahead == null) {
      if (reader == null) {
        if (!files.hasNext()) {
          return null;
        }
        reader = ConversationReader.open(files.next(), source.options());
      }
      if (!reader.hasNext()) {
        endFile(reader);
      } else {
        Conversation conversation = reader.next();
        if (preparation.keeps(conversation)) {
          ahead = new Kept(conversation, records(), drops());
        }
      }
    }
    return ahead;
  }

  @Override
  public Kept next() {
    Kept kept = peek();
    if (kept == null) {
      throw new NoSuchElementException("no more conversations in " + source.files());
    }
    ahead = null;
    return kept;
  }

  /** {@return records read so far} */
  public long records() {
    return recordsOfFiles + (reader == null ? 0 : reader.records());
  }

  /** {@return what reading and preparation left out so far; a copy} */
  public DropCounts drops() {
    DropCounts all = new DropCounts(dropsOfFiles);
    all.add(preparation.drops());
    if (reader != null) {
      all.add(reader.drops());
    }
    return all;
  }

  /**
   * {@return where records were read that have no question with its answer, in their order; as many
   * as {@link #drops()} counts}
   */
  public List<Origin> empty() {
    List<Origin> all = new ArrayList<>(emptyOfFiles);
    if (reader != null) {
      all.addAll(reader.empty());
    }
    return all;
  }

  /** {@return message of the first record that was skipped for a fault; empty if there is none} */
  public String firstFault() {
    return firstFault.isEmpty() && reader != null ? reader.firstFault() : firstFault;
  }

  /** Splits a conversation as the source's preparation says; for any thread. */
  List<Conversation> split(Conversation conversation, DropCounts lost) {
    return preparation.split(conversation, lost);
  }

  @Override
  public void close() {
    if (reader != null) {
      endFile(reader);
    }
  }

  private void endFile(ConversationReader read) {
    firstFault = firstFault();
    recordsOfFiles += read.records();
    dropsOfFiles.add(read.drops());
    emptyOfFiles.addAll(read.empty());
    read.close();
    reader = null;
  }
}
