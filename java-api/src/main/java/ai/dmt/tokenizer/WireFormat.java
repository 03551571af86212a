package ai.dmt.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Walks through a protocol buffer; whatever does not fit in its bounds is a fault of the file. */
final class WireFormat {
  private final ByteBuffer in;
  private int kind;

  WireFormat(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  private WireFormat(ByteBuffer in) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Number of the next field, or 0 at the end. */
  int next() {
    if (!in.hasRemaining()) {
      return 0;
    }
    long tag = varint();
    kind = (int) (tag & 7);
    long field = tag >>> 3;
    if (field < 1 || field > 0x1FFF_FFFF) {
      throw fault("field number %s".formatted(Long.toUnsignedString(field)));
    }
    return (int) field;
  }

  /** A whole number that fits in 32 bits. */
  int number() {
    demand(0, "a whole number");
    long value = varint();
    if (value != (int) value) {
      throw fault("the number %s, which is too large".formatted(Long.toUnsignedString(value)));
    }
    return (int) value;
  }

  boolean flag() {
    demand(0, "a flag");
    return varint() != 0;
  }

  float real() {
    demand(5, "a real number");
    return bytes(4).getFloat();
  }

  WireFormat message() {
    demand(2, "a message");
    return new WireFormat(bytes(varint()));
  }

  byte[] blob() {
    demand(2, "bytes");
    ByteBuffer bytes = bytes(varint());
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  String text() {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(blob()));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the file has a text that is not UTF-8", e);
    }
  }

  void skip() {
    switch (kind) {
      case 0 -> varint();
      case 1 -> bytes(8);
      case 2 -> bytes(varint());
      case 5 -> bytes(4);
      default -> throw fault("a field of kind " + kind);
    }
  }

  private void demand(int expected, String what) {
    if (kind != expected) {
      throw fault("a field of kind %s in place of %s".formatted(kind, what));
    }
  }

  private ByteBuffer bytes(long length) {
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException(
          "the file is truncated, or no SentencePiece model: %s bytes are announced, %s are there"
              .formatted(Long.toUnsignedString(length), in.remaining()));
    }
    ByteBuffer part = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + (int) length);
    return part;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (!in.hasRemaining()) {
        throw new IllegalArgumentException("the file is truncated, or no SentencePiece model");
      }
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw fault("a number of more than ten bytes");
  }

  private static IllegalArgumentException fault(String found) {
    return new IllegalArgumentException("the file is no SentencePiece model: it has " + found);
  }
}
