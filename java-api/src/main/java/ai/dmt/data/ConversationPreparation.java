package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Drops and splits conversations of one source, one after the other, as {@link PreparationConfig}
 * says, and counts why. The checks run in FastChat's order: blocked words, notices, length,
 * duplicates; then the filters, the topics that are excluded, and splitting.
 */
public final class ConversationPreparation {
  /** Tokens that FastChat's splitting adds to each turn for what the template puts around it. */
  private static final int TOKENS_AROUND_TURN = 6;

  private final PreparationConfig config;
  private final List<String> blockedWords;
  private final List<Predicate<Conversation>> filters;
  private final Tokenizer tokenizer;
  private final DropCounts drops = new DropCounts();
  private final Set<Key> ids = new HashSet<>();
  private final Set<Key> beginnings = new HashSet<>();

  /**
   * Makes a preparation for one source.
   *
   * @param config what is kept, and how long conversations are split
   * @param tokenizer measures turns for splitting; it stays the caller's
   */
  public ConversationPreparation(PreparationConfig config, Tokenizer tokenizer) {
    this.config = config;
    this.tokenizer = tokenizer;
    this.blockedWords = config.blockedWords().stream().map(ConversationPreparation::lower).toList();
    this.filters = config.filters().stream().map(ConversationFilter::compile).toList();
  }

  /** {@return what was dropped so far; it counts on} */
  public DropCounts drops() {
    return drops;
  }

  /**
   * {@return what is left of a conversation: nothing, itself, or its pieces in order}
   *
   * @param conversation the next one of the source; repetitions are told by those before it
   */
  public List<Conversation> prepare(Conversation conversation) {
    return keeps(conversation) ? split(conversation, drops) : List.of();
  }

  /** Whether a conversation stays; depends on those that came before. */
  boolean keeps(Conversation conversation) {
    Optional<DropReason> reason = fault(conversation).or(() -> repetition(conversation));
    if (reason.isEmpty() && !filters.stream().allMatch(filter -> filter.test(conversation))) {
      reason = Optional.of(DropReason.FILTERED);
    }
    if (reason.isEmpty()) {
      reason =
          config.exclude().stream()
              .sorted() // so that counts do not depend on how the topics were listed
              .filter(topic -> topic.isIn(conversation))
              .map(Topic::reason)
              .findFirst();
    }
    reason.ifPresent(why -> drops.add(why, 1));
    return reason.isEmpty();
  }

  /**
   * Pieces of a conversation that stays, in order. Depends on nothing else, so several threads may
   * split at once.
   *
   * @param lost where pairs that are lost are counted
   */
  List<Conversation> split(Conversation conversation, DropCounts lost) {
    boolean splits = config.split().maxTokens() > 0 && !conversation.isPlainText();
    return splits ? pieces(conversation, lost) : List.of(conversation);
  }

  private Optional<DropReason> fault(Conversation conversation) {
    int characters = 0;
    for (Turn turn : conversation.turns()) {
      String text = lower(turn.text());
      characters += text.codePointCount(0, text.length());
      if (blockedWords.stream().anyMatch(text::contains)) {
        return Optional.of(DropReason.BLOCKED_WORD);
      }
      if (turn.role() == Role.ASSISTANT
          && config.serviceNotices().stream().anyMatch(notice -> text.startsWith(lower(notice)))) {
        return Optional.of(DropReason.SERVICE_NOTICE);
      }
    }
    return characters < config.minCharacters()
        ? Optional.of(DropReason.TOO_SHORT)
        : Optional.empty();
  }

  private Optional<DropReason> repetition(Conversation conversation) {
    if (config.duplicates() == PreparationConfig.Duplicates.KEEP) {
      return Optional.empty();
    }
    if (!ids.add(Key.of(conversation.id()))) {
      return Optional.of(DropReason.DUPLICATE_ID);
    }
    List<Turn> turns = conversation.dialogue();
    String[] beginning = turns.stream().limit(2).map(Turn::text).toArray(String[]::new);
    return beginnings.add(Key.of(beginning))
        ? Optional.empty()
        : Optional.of(DropReason.DUPLICATE_BEGINNING);
  }

  private List<Conversation> pieces(Conversation conversation, DropCounts lost) {
    List<Turn> turns = conversation.dialogue();
    int complete = turns.size() / 2 * 2;
    int max = config.split().maxTokens();
    List<Conversation> pieces = new ArrayList<>();
    int start = 0;
    long tokens = 0;
    for (int pair = 0; pair < complete; pair += 2) {
      int more = length(turns.get(pair)) + length(turns.get(pair + 1));
      if (tokens + more > max) {
        addPiece(pieces, conversation, start, pair);
        start = pair;
        tokens = 0;
        if (pair == complete - 2) {
          lastPair(pieces, conversation, pair, lost);
        }
      } else if (pair == complete - 2) {
        addPiece(pieces, conversation, start, complete);
      }
      tokens += more;
    }
    return pieces;
  }

  private void lastPair(
      List<Conversation> pieces, Conversation conversation, int pair, DropCounts lost) {
    if (config.split().lastPair() == SplitConfig.LastPair.KEEP) {
      addPiece(pieces, conversation, pair, pair + 2);
    } else {
      lost.add(DropReason.LAST_PAIR, 1);
    }
  }

  /** Turns [from, to) of the dialogue, with the system turn in front of each piece. */
  private static void addPiece(List<Conversation> pieces, Conversation whole, int from, int to) {
    if (from == to) {
      return;
    }
    List<Turn> turns = new ArrayList<>();
    if (!whole.system().isEmpty()) {
      turns.add(whole.turns().get(0));
    }
    turns.addAll(whole.dialogue().subList(from, to));
    pieces.add(new Conversation(whole.id() + "_" + from, whole.origin(), turns, whole.tags()));
  }

  private int length(Turn turn) {
    return 1 + tokenizer.encode(turn.text()).length + TOKENS_AROUND_TURN; // 1: the begin token
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** 128 bits of a hash: 100,000 conversations take a few megabytes, whatever their length. */
  private record Key(long high, long low) {
    static Key of(String... texts) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String text : texts) {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
          digest.update(bytes);
        }
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new Key(hash.getLong(), hash.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
