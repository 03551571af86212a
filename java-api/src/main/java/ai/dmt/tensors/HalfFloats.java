package ai.dmt.tensors;

import java.nio.ByteBuffer;

/** Values of 16 bits as floats; every one of them is a float. */
final class HalfFloats {
  private static final int F16_FRACTION = 10;
  private static final int FRACTION = 23;
  private static final int EXPONENT_SHIFT = 127 - 15;

  private HalfFloats() {}

  /** Reads values of type F32, BF16 or F16. */
  static void widen(ByteBuffer bytes, String type, float[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] =
          switch (type) {
            case "F32" -> bytes.getFloat();
            case "BF16" -> Float.intBitsToFloat(bytes.getShort() << 16);
            default -> ofF16(bytes.getShort());
          };
    }
  }

  static float ofF16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> F16_FRACTION & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0) { // zero, or too small for a leading 1
      float value = Math.scalb((float) fraction, 1 - 15 - F16_FRACTION);
      return sign == 0 ? value : -value;
    }
    int wide = exponent == 0x1F ? 0xFF : exponent + EXPONENT_SHIFT;
    return Float.intBitsToFloat(sign | wide << FRACTION | fraction << FRACTION - F16_FRACTION);
  }
}
