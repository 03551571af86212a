package ai.dmt.data;

import java.util.Arrays;

/** Tokens and their loss marks while a template renders. */
final class TokenSequence {
  private int[] ids = new int[64];
  private boolean[] loss = new boolean[64];
  private int size;

  TokenSequence add(int id, boolean carriesLoss) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      loss = Arrays.copyOf(loss, 2 * size);
    }
    ids[size] = id;
    loss[size++] = carriesLoss;
    return this;
  }

  TokenSequence addAll(int[] more, boolean carriesLoss) {
    for (int id : more) {
      add(id, carriesLoss);
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
