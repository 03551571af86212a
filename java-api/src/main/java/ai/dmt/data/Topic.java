package ai.dmt.data;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a conversation is about, told from its text by fixed rules. The rules know the forms of
 * program text and of formulas in any language, and words in English alone. How often they err is
 * measured in docs/training.md.
 */
public enum Topic {
  /**
   * Program text, commands, queries, markup or configuration is written, asked for or explained.
   */
  CODE(DropReason.ABOUT_CODE) {
    @Override
    public boolean isIn(Conversation conversation) {
      return CodeSigns.areIn(conversation.dialogue());
    }
  },
  /**
   * Something is calculated, solved or proved, or mathematics is explained; a question about a
   * program counts as {@link #CODE} alone.
   */
  MATH(DropReason.ABOUT_MATH) {
    @Override
    public boolean isIn(Conversation conversation) {
      return MathSigns.areIn(conversation.dialogue());
    }
  };

  /** Number of the rules; to be raised whenever one of them changes, so that no cache is stale. */
  public static final int RULES = 1;

  private final DropReason reason;

  Topic(DropReason reason) {
    this.reason = reason;
  }

  /**
   * {@return whether a conversation is about it; one may be about several topics}
   *
   * @param conversation whose questions and answers are read, not its tags
   */
  public abstract boolean isIn(Conversation conversation);

  /** {@return how conversations about it are counted where it is excluded} */
  public DropReason reason() {
    return reason;
  }

  /**
   * {@return all topics of a conversation; empty if it is about something else}
   *
   * @param conversation whose questions and answers are read, not its tags
   */
  public static Set<Topic> of(Conversation conversation) {
    Set<Topic> topics = EnumSet.noneOf(Topic.class);
    for (Topic topic : values()) {
      if (topic.isIn(conversation)) {
        topics.add(topic);
      }
    }
    return topics;
  }
}
