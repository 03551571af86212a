package ai.dmt.data;

import ai.dmt.tokenizer.MarkedIds;
import java.util.Arrays;

/** Tokens and their loss marks while a template renders. */
final class TokenSequence {
  private int[] ids = new int[64];
  private boolean[] loss = new boolean[64];
  private int size;

  /** Adds a token; the first one carries no loss, since nothing predicts it. */
  TokenSequence add(int id, boolean carriesLoss) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      loss = Arrays.copyOf(loss, 2 * size);
    }
    ids[size] = id;
    loss[size] = carriesLoss && size > 0;
    size++;
    return this;
  }

  TokenSequence addAll(int[] more, boolean carriesLoss) {
    for (int id : more) {
      add(id, carriesLoss);
    }
    return this;
  }

  TokenSequence addAll(MarkedIds more) {
    for (int i = 0; i < more.ids().length; i++) {
      add(more.ids()[i], more.marked()[i]);
    }
    return this;
  }

  int[] ids() {
    return Arrays.copyOf(ids, size);
  }

  boolean[] loss() {
    return Arrays.copyOf(loss, size);
  }
}
