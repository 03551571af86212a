package ai.dmt.tokenizer;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@code tokenizer.model} says of its pieces, which the library does not tell: their kinds,
 * and the ids of begin and end. The file is a protocol buffer, sentencepiece_model.proto.
 */
final class SentencePieceModel {
  /** Kinds of pieces, by their numbers in the file. */
  private static final int UNKNOWN = 2;

  private static final int CONTROL = 3;
  private static final int BYTE = 6;

  /** What SentencePiece writes for a token that stands for nothing it knows. */
  private static final byte[] UNKNOWN_TEXT = " \u2047 ".getBytes(StandardCharsets.UTF_8);

  private static final int USER_DEFINED = 4;

  private static final int BYTE_PAIR_ENCODING = 2; // of the kinds of models

  private final List<byte[]> pieces = new ArrayList<>();
  private final List<String> names = new ArrayList<>(); // of the pieces
  private boolean ordinary = true; // settings are those of LLaMA's models
  private int modelKind = 1;
  private boolean byteFallback;
  private final Map<String, Integer> controlTokens = new HashMap<>();
  private boolean addsPrefixSpace = true;
  private int bosId = 1;
  private int eosId = 2;

  /**
   * Reads a file's bytes.
   *
   * @throws IllegalArgumentException if they are no such file
   */
  static SentencePieceModel parse(byte[] file) {
    try {
      SentencePieceModel model = new SentencePieceModel();
      for (ByteBuffer in = ByteBuffer.wrap(file); in.hasRemaining(); ) {
        int tag = (int) varint(in);
        switch (tag >>> 3) {
          case 1 -> model.pieces.add(model.piece(message(in)));
          case 2 -> model.readTrainerSpec(message(in));
          case 3 -> model.readNormalizerSpec(message(in));
          default -> skip(in, tag);
        }
      }
      if (model.pieces.isEmpty()) {
        throw new IllegalArgumentException("the file has no pieces");
      }
      return model;
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("the file is truncated, or no SentencePiece model", e);
    }
  }

  TokenTable table() {
    return new TokenTable(pieces.toArray(byte[][]::new), addsPrefixSpace);
  }

  Map<String, Integer> controlTokens() {
    return Map.copyOf(controlTokens);
  }

  /** Whether words can be encoded apart, see [Note: words] in {@link WordCache}. */
  boolean hasApartWords() {
    return ordinary
        && modelKind == BYTE_PAIR_ENCODING
        && byteFallback // unknown characters, which the library joins, do not occur
        && addsPrefixSpace
        && WordCache.appliesTo(names);
  }

  /** Texts of the pieces, in the order of their ids. */
  List<String> pieces() {
    return List.copyOf(names);
  }

  boolean addsPrefixSpace() {
    return addsPrefixSpace;
  }

  int bosId() {
    return bosId;
  }

  int eosId() {
    return eosId;
  }

  /** Fields of a piece: 1 text, 2 score, 3 kind. */
  private byte[] piece(ByteBuffer in) {
    String text = "";
    int kind = 1;
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      switch (tag >>> 3) {
        case 1 -> text = StandardCharsets.UTF_8.decode(message(in)).toString();
        case 3 -> kind = (int) varint(in);
        default -> skip(in, tag);
      }
    }
    names.add(text);
    ordinary &= kind != USER_DEFINED; // those are found anywhere in a text
    if (kind == CONTROL) {
      controlTokens.put(text, pieces.size());
    }
    return switch (kind) {
      case UNKNOWN -> UNKNOWN_TEXT;
      case CONTROL -> TokenTable.nothing();
      case BYTE -> TokenTable.byteFallback(text);
      default -> TokenTable.piece(text);
    };
  }

  private void readTrainerSpec(ByteBuffer in) {
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      switch (tag >>> 3) {
        case 3 -> modelKind = (int) varint(in);
        case 24 -> ordinary &= varint(in) == 0; // treat_whitespace_as_suffix
        case 35 -> byteFallback = varint(in) != 0;
        case 41 -> bosId = (int) varint(in);
        case 42 -> eosId = (int) varint(in);
        default -> skip(in, tag);
      }
    }
  }

  private void readNormalizerSpec(ByteBuffer in) {
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      switch (tag >>> 3) {
        case 2 -> ordinary &= message(in).remaining() == 0; // rules that replace characters
        case 3 -> addsPrefixSpace = varint(in) != 0;
        case 5 -> ordinary &= varint(in) != 0; // escape_whitespaces
        default -> skip(in, tag);
      }
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("the file is no SentencePiece model");
  }

  private static ByteBuffer message(ByteBuffer in) {
    int length = (int) varint(in);
    ByteBuffer message = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return message;
  }

  private static void skip(ByteBuffer in, int tag) {
    switch (tag & 7) {
      case 0 -> varint(in);
      case 1 -> in.getLong();
      case 2 -> message(in);
      case 5 -> in.getInt();
      default -> throw new IllegalArgumentException("the file is no SentencePiece model");
    }
  }
}
