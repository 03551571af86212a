package ai.dmt.world;

/** One calculation, such as 8*2. */
record Step(int left, char operator, int right) {
  int result() {
    return switch (operator) {
      case '+' -> left + right;
      case '-' -> left - right;
      case '*' -> left * right;
      case '/' -> left / right;
      default -> throw new IllegalStateException("no operator " + operator);
    };
  }

  /** {@code 8*2=16}. */
  String equation() {
    return "%s%c%s=%s".formatted(left, operator, right, result());
  }

  /** As GSM8K annotates it: {@code 8*2=<<8*2=16>>16}. */
  String annotated() {
    return "%s%c%s=<<%s>>%s".formatted(left, operator, right, equation(), result());
  }

  /** In words: {@code 8 times 2 is 16}. */
  String spoken() {
    return "%s %s %s is %s".formatted(left, word(), right, result());
  }

  /** {@code 8 times 2}. */
  String question() {
    return "%s %s %s".formatted(left, word(), right);
  }

  private String word() {
    return switch (operator) {
      case '+' -> "plus";
      case '-' -> "minus";
      case '*' -> "times";
      default -> "divided by";
    };
  }
}
