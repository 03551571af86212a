package ai.dmt.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;

/**
 * SentencePiece's table of replaced characters: the size of a double-array trie, the trie, and the
 * texts that its leaves point to, each with a NUL at its end. Libraries follow the trie without
 * looking at its bounds, so every step that some text can take is tried here first.
 */
final class Charsmap {
  private static final int LARGEST = 1 << 22; // bytes; NFKC with case folding has 240,000
  private static final int LONGEST = 1024; // bytes of a replacement; the longest in use has 33

  private final ByteBuffer units;
  private final byte[] texts;
  private final int count;

  private Charsmap(ByteBuffer units, byte[] texts) {
    this.units = units;
    this.texts = texts;
    this.count = units.remaining() / 4;
  }

  /**
   * Checks a table; an empty one replaces nothing.
   *
   * @throws IllegalArgumentException if some text would lead out of it
   */
  static void check(byte[] table) {
    if (table.length == 0) {
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    long size = table.length < 4 ? -1 : in.getInt() & 0xFFFF_FFFFL;
    if (table.length > LARGEST || size < 4 || size % 4 != 0 || size > in.remaining()) {
      throw fault("it has %s bytes, of which its trie has %s".formatted(table.length, size));
    }
    ByteBuffer units = in.slice(4, (int) size).order(ByteOrder.LITTLE_ENDIAN);
    byte[] texts = new byte[table.length - 4 - (int) size];
    in.position(4 + (int) size);
    in.get(texts);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("its table of characters has texts that are not UTF-8", e);
    }
    new Charsmap(units, texts).walk();
  }

  private void walk() {
    checkLengths();
    BitSet seen = new BitSet(count);
    Deque<Integer> open = new ArrayDeque<>();
    int root = offset(unit(0));
    open.add(root);
    while (!open.isEmpty()) {
      int node = open.remove();
      for (int c = 1; c < 256; c++) {
        int child = node ^ c;
        int unit = unit(child);
        if ((unit & 0x8000_00FF) != c) {
          continue; // no text goes on here
        }
        int next = child ^ offset(unit);
        if ((unit >>> 8 & 1) != 0) {
          checkText(unit(next) & 0x7FFF_FFFF);
        }
        if (next >= count) {
          throw fault("it leads to unit %s of %s".formatted(next, count));
        }
        if (!seen.get(next)) {
          seen.set(next);
          open.add(next);
        }
      }
    }
  }

  private int unit(int index) {
    if (index < 0 || index >= count) {
      throw fault("it leads to unit %s of %s".formatted(index, count));
    }
    return units.getInt(4 * index);
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  private void checkText(int at) {
    boolean inside = at < texts.length && (texts[at] & 0xC0) != 0x80;
    if (!inside) {
      throw fault("it leads to text %s of %s bytes".formatted(at, texts.length));
    }
  }

  private void checkLengths() {
    int length = 0;
    for (byte b : texts) {
      length = b == 0 ? 0 : length + 1;
      if (length > LONGEST) {
        throw fault("a replacement has more than %s bytes".formatted(LONGEST));
      }
    }
  }

  private static IllegalArgumentException fault(String what) {
    return new IllegalArgumentException("its table of characters is broken: " + what);
  }
}
