package ai.dmt.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Broken files, each a function of a seed and its number. Any file is cut, spliced and flipped;
 * numbers and words of a text are replaced by odd ones, fields of a message by fields of other
 * lengths, so that many mutants get past the first check.
 */
public final class Mutants {
  private static final String[] ODD = {
    "-1",
    "0",
    "1",
    "4294967296",
    "18446744073709551615",
    "1e999",
    "NaN",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "99999999999999999999",
    "0.5",
    "-0",
    "2147483647"
  };

  private static final Pattern VALUE =
      Pattern.compile("-?[0-9]+(\\.[0-9]+)?|\"([^\"\\\\]|\\\\.){0,200}\"|true|false|null");

  private final long seed;
  private final List<byte[]> samples;
  private final boolean wireFormat;

  /** Mutants of some files. @param wireFormat see {@link FuzzedReader#isWireFormat} */
  public Mutants(long seed, List<byte[]> samples, boolean wireFormat) {
    this.seed = seed;
    this.samples = samples;
    this.wireFormat = wireFormat;
  }

  /** One of them; number 0 to the number of samples are the samples themselves. */
  public byte[] mutant(long number) {
    if (number < samples.size()) {
      return samples.get((int) number).clone();
    }
    long scattered = new SplittableRandom(seed * 1_000_003 + number).nextLong();
    Random random = new Random(scattered); // of seeds in a row, the first choices would be alike
    byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
    for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
      bytes = bytes.length == 0 ? new byte[] {(byte) random.nextInt()} : edited(bytes, random);
    }
    return bytes;
  }

  private byte[] edited(byte[] bytes, Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> flipped(bytes, random);
      case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 2 -> doubled(bytes, random);
      case 3 -> without(bytes, random);
      case 4 -> spliced(bytes, random);
      default -> wireFormat ? fieldEdited(bytes, random) : valueEdited(bytes, random);
    };
  }

  private static byte[] flipped(byte[] bytes, Random random) {
    for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static int end(int from, byte[] bytes, Random random) {
    return Math.min(bytes.length, from + 1 + random.nextInt(1 + random.nextInt(400)));
  }

  private static byte[] doubled(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length);
    int to = end(from, bytes, random);
    return joined(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, from, bytes.length));
  }

  private static byte[] without(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length);
    int to = end(from, bytes, random);
    return joined(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
  }

  private byte[] spliced(byte[] bytes, Random random) {
    byte[] other = samples.get(random.nextInt(samples.size()));
    int from = random.nextInt(other.length);
    byte[] part = Arrays.copyOfRange(other, from, end(from, other, random));
    int at = random.nextInt(bytes.length);
    byte[] head = joined(Arrays.copyOf(bytes, at), part);
    return joined(head, Arrays.copyOfRange(bytes, at, bytes.length));
  }

  /** Another value in place of one of a text's values: odd, or another of its own. */
  private static byte[] valueEdited(byte[] bytes, Random random) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int from = random.nextInt(text.length());
    List<MatchResult> values =
        VALUE.matcher(text.substring(from)).results().limit(1 + random.nextInt(20)).toList();
    if (values.isEmpty()) {
      return flipped(bytes, random);
    }
    MatchResult value = values.get(values.size() - 1);
    String other =
        random.nextBoolean()
            ? ODD[random.nextInt(ODD.length)]
            : values.get(random.nextInt(values.size())).group();
    return (text.substring(0, from + value.start()) + other + text.substring(from + value.end()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A field of a message, at some depth, gets other bytes; lengths around it are kept right. */
  private static byte[] fieldEdited(byte[] message, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(message.length + 32);
    int fields = Math.max(1, countFields(message));
    int chosen =
        random.nextInt(5) == 0
            ? fields - 1 - random.nextInt(Math.min(fields, 3))
            : random.nextInt(fields);
    int at = 0;
    for (int field = 0; at < message.length; field++) {
      long[] tag = varint(message, at);
      if (tag == null) {
        break;
      }
      int start = (int) tag[1];
      int end = fieldEnd(message, start, (int) tag[0] & 7);
      if (end < 0) {
        break;
      }
      if (field != chosen) {
        out.write(message, at, end - at);
      } else if (((int) tag[0] & 7) == 2) {
        int body = (int) varint(message, start)[1];
        byte[] inner = bodyEdited(Arrays.copyOfRange(message, body, end), random);
        writeVarint(out, tag[0]);
        writeVarint(out, random.nextInt(20) == 0 ? random.nextLong() >>> 1 : inner.length);
        out.writeBytes(inner);
      } else {
        writeVarint(out, random.nextInt(4) == 0 ? random.nextInt(1024) : tag[0]);
        byte[] value = Arrays.copyOfRange(message, start, end);
        random.nextBytes(value);
        out.writeBytes(value);
      }
      at = end;
    }
    out.write(message, at, message.length - at);
    return out.toByteArray();
  }

  private static byte[] bodyEdited(byte[] body, Random random) {
    if (body.length == 0) {
      return new byte[random.nextInt(16)];
    }
    return switch (random.nextInt(4)) {
      case 0 -> flipped(body, random);
      case 1 -> without(body, random);
      default -> countFields(body) > 0 ? fieldEdited(body, random) : flipped(body, random);
    };
  }

  /** Fields of a message; 0 if the bytes are none. */
  private static int countFields(byte[] message) {
    int fields = 0;
    for (int at = 0; at < message.length; fields++) {
      long[] tag = varint(message, at);
      at = tag == null || tag[0] < 8 ? -1 : fieldEnd(message, (int) tag[1], (int) tag[0] & 7);
      if (at < 0) {
        return 0;
      }
    }
    return fields;
  }

  private static int fieldEnd(byte[] message, int at, int kind) {
    long[] number = kind == 0 || kind == 2 ? varint(message, at) : new long[] {0, at};
    if (number == null) {
      return -1;
    }
    long end =
        switch (kind) {
          case 0 -> number[1];
          case 1 -> at + 8L;
          case 2 -> number[0] < 0 ? -1 : number[1] + number[0];
          case 5 -> at + 4L;
          default -> -1;
        };
    return end < 0 || end > message.length ? -1 : (int) end;
  }

  /** A number and where it ends, or null. */
  private static long[] varint(byte[] message, int at) {
    long value = 0;
    for (int i = 0; i < 10 && at + i < message.length; i++) {
      value |= (message[at + i] & 0x7FL) << (7 * i);
      if (message[at + i] >= 0) {
        return new long[] {value, at + i + 1};
      }
    }
    return null;
  }

  private static void writeVarint(ByteArrayOutputStream out, long value) {
    for (; (value & ~0x7FL) != 0; value >>>= 7) {
      out.write((int) (value & 0x7F) | 0x80);
    }
    out.write((int) value);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
