package ai.dmt.data;

/** Hashes of conversations, by which copies are found. Fixed for all time: caches hold them. */
final class TextHash {
  private static final long PRIME = 0x100000001b3L;

  private TextHash() {}

  /** Of all turns, their roles included. */
  static long ofConversation(Conversation conversation) {
    long hash = 1;
    for (Turn turn : conversation.turns()) {
      hash = add(hash, turn);
    }
    return mix(hash);
  }

  /** Of all turns but the assistant's; of a text that answers nothing, of the whole. */
  static long ofPrompt(Conversation conversation) {
    if (conversation.isPlainText()) {
      return ofConversation(conversation);
    }
    long hash = 2;
    for (Turn turn : conversation.turns()) {
      hash = turn.role() == Role.ASSISTANT ? hash : add(hash, turn);
    }
    return mix(hash);
  }

  /** FNV-1a over UTF-16, mixed after each turn so that turns do not run into each other. */
  private static long add(long before, Turn turn) {
    long hash = mix(before + turn.role().ordinal());
    String text = turn.text();
    for (int c = 0; c < text.length(); c++) {
      hash = (hash ^ text.charAt(c)) * PRIME;
    }
    return mix(hash ^ text.length());
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
