package ai.dmt.prepare;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.PreparedSample;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Samples as bytes. Numbers are written seven bits to a byte, low ones first, so that a token takes
 * two bytes on average; loss as the lengths of spans without and with it in turn.
 */
final class SampleBuffer {
  private byte[] bytes;
  private int position; // where the next byte is written or read
  private int end;

  /** An empty one to write to. */
  SampleBuffer() {
    this(new byte[1 << 16]);
    end = 0;
  }

  /** One to read from. */
  SampleBuffer(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  byte[] array() {
    return bytes;
  }

  /** Bytes written. */
  int size() {
    return position;
  }

  void clear() {
    position = 0;
  }

  boolean hasMore() {
    return position < end;
  }

  /** Writes a sample. @param files that origins are written as places in */
  void put(PreparedSample prepared, List<String> files) {
    EncodedSample sample = prepared.sample();
    putNumber(files.indexOf(sample.origin().file()));
    putNumber(sample.origin().line());
    byte[] id = sample.id().getBytes(StandardCharsets.UTF_8);
    putNumber(id.length);
    reserve(id.length);
    System.arraycopy(id, 0, bytes, position, id.length);
    position += id.length;
    putNumber(prepared.turns());
    putNumber(prepared.wholeTokens());
    putNumber(prepared.wholeLabelTokens());
    putLong(prepared.conversationHash());
    putLong(prepared.promptHash());
    putTokens(sample);
  }

  /** Reads a sample. */
  PreparedSample get(List<String> files) {
    Origin origin = new Origin(files.get((int) getNumber()), getNumber());
    int length = (int) getNumber();
    String id = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    int turns = (int) getNumber();
    int wholeTokens = (int) getNumber();
    int wholeLabelTokens = (int) getNumber();
    long conversationHash = getLong();
    long promptHash = getLong();
    int[] ids = new int[(int) getNumber()];
    for (int t = 0; t < ids.length; t++) {
      ids[t] = (int) getNumber();
    }
    boolean[] loss = new boolean[ids.length];
    boolean carries = false;
    for (int t = 0; t < loss.length; carries = !carries) {
      int span = (int) getNumber();
      Arrays.fill(loss, t, t + span, carries);
      t += span;
    }
    return new PreparedSample(
        new EncodedSample(id, origin, ids, loss),
        turns,
        wholeTokens,
        wholeLabelTokens,
        conversationHash,
        promptHash);
  }

  private void putTokens(EncodedSample sample) {
    int[] ids = sample.tokenIds();
    boolean[] loss = sample.carriesLoss();
    putNumber(ids.length);
    for (int id : ids) {
      putNumber(id);
    }
    boolean carries = false;
    for (int t = 0; t < loss.length; carries = !carries) {
      int from = t;
      while (t < loss.length && loss[t] == carries) {
        t++;
      }
      putNumber(t - from);
    }
  }

  private void putNumber(long number) {
    reserve(10);
    long rest = number;
    while ((rest & ~0x7FL) != 0) {
      bytes[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[position++] = (byte) rest;
  }

  private long getNumber() {
    long number = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[position++];
      number |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return number;
      }
    }
  }

  private void putLong(long value) {
    reserve(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[position++] = (byte) (value >>> shift);
    }
  }

  private long getLong() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      value |= (bytes[position++] & 0xFFL) << shift;
    }
    return value;
  }

  private void reserve(int more) {
    if (bytes.length - position < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, position + more));
    }
  }
}
