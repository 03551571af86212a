package ai.dmt.tensors;

import java.util.List;

/**
 * What the header of a safetensors file says of a tensor.
 *
 * @param name as in the file
 * @param type such as "F32" or "I64"
 * @param shape one number per dimension, none for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last
 */
public record TensorEntry(String name, String type, List<Long> shape, long begin, long end) {
  /**
   * Copies the shape.
   *
   * @param name see {@link #name()}
   * @param type see {@link #type()}
   * @param shape see {@link #shape()}
   * @param begin see {@link #begin()}
   * @param end see {@link #end()}
   */
  public TensorEntry {
    shape = List.copyOf(shape);
  }

  /**
   * {@return the number of elements: the product of the shape, 1 for a scalar}
   *
   * @throws ArithmeticException if it is more than a long holds
   */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Bytes of one element; 0 for a type that is not known. */
  static int bytesPerElement(String type) {
    return switch (type) {
      case "F64", "I64", "U64" -> 8;
      case "F32", "I32", "U32" -> 4;
      case "F16", "BF16", "I16", "U16" -> 2;
      case "I8", "U8", "BOOL" -> 1;
      default -> 0;
    };
  }
}
