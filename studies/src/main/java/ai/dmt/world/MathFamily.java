package ai.dmt.world;

import java.util.List;
import java.util.function.Function;

/**
 * Kinds of word problems. In the texts N and M are names, I a thing, B a container, A to D operands
 * and X to Z results; {@code story} says in other words what pretraining may read.
 */
enum MathFamily {
  ADD(
      2,
      "N has A I. M gives N B more. How many I does N have now?",
      "N had A I and got B more I from M, A+B=X, so N had X I.",
      dice -> operands(dice.between(11, 89), dice.between(5, 60)),
      o -> List.of(new Step(o[0], '+', o[1]))),
  SUBTRACT(
      2,
      "There are A I in a Q. N takes B of them. How many I are left?",
      "Of the A I in the Q B went to N, A-B=X, and X I stayed.",
      dice -> less(dice, dice.between(20, 99)),
      o -> List.of(new Step(o[0], '-', o[1]))),
  MULTIPLY(
      1,
      "N buys A packs of B I. How many I does N buy?",
      "A packs with B I each went to N, A*B=X, and that makes X I.",
      dice -> operands(dice.between(2, 12), dice.between(2, 12)),
      o -> List.of(new Step(o[0], '*', o[1]))),
  DIVIDE(
      1,
      "N shares A I among B friends. How many I does each friend get?",
      "A I went to the B friends of N, A/B=X, X I for each.",
      dice -> multiple(dice),
      o -> List.of(new Step(o[0], '/', o[1]))),
  MULTIPLY_ADD(
      2,
      "N buys A packs of B I. N finds C I. How many I does N have?",
      "N had A packs with B I each, A*B=X, then C I more, X+C=Y, so N had Y I.",
      dice -> operands(dice.between(2, 9), dice.between(2, 9), dice.between(2, 40)),
      o -> chain(new Step(o[0], '*', o[1]), '+', o[2])),
  MULTIPLY_SUBTRACT(
      2,
      "N buys A packs of B I. N loses C I. How many I does N have?",
      "N had A packs with B I each, A*B=X, then C I fewer, X-C=Y, so N had Y I.",
      dice -> {
        int packs = dice.between(2, 9);
        int each = dice.between(2, 9);
        return operands(packs, each, dice.between(1, packs * each - 1));
      },
      o -> chain(new Step(o[0], '*', o[1]), '-', o[2])),
  ADD_SUBTRACT(
      2,
      "N has A I. N buys B I and loses C I. How many I does N have?",
      "N had A I, then B I more, A+B=X, then C I fewer, X-C=Y, so N had Y I.",
      dice -> {
        int first = dice.between(5, 60);
        int second = dice.between(5, 60);
        return operands(first, second, dice.between(2, first + second - 1));
      },
      o -> chain(new Step(o[0], '+', o[1]), '-', o[2])),
  MORE_TOGETHER(
      2,
      "N has A I. M has B more I than N. How many I do they have together?",
      "N had A I, and M had B I more than that, A+B=X, with both A+X=Y, Y I.",
      dice -> operands(dice.between(5, 45), dice.between(2, 40)),
      o -> {
        Step more = new Step(o[0], '+', o[1]);
        return List.of(more, new Step(o[0], '+', more.result()));
      }),
  TIMES_TOGETHER(
      2,
      "N has A I. M has B times as many I as N. How many I do they have together?",
      "N had A I, and M had that B times, A*B=X, with both A+X=Y, Y I.",
      dice -> operands(dice.between(2, 12), dice.between(2, 9)),
      o -> {
        Step times = new Step(o[0], '*', o[1]);
        return List.of(times, new Step(o[0], '+', times.result()));
      }),
  TWO_PACKS(
      2,
      "N buys A packs of B I and C packs of D I. How many I does N buy?",
      "N had A packs with B I each, A*B=X, and C packs with D I each, C*D=Y, X+Y=Z, so Z I.",
      dice ->
          operands(dice.between(2, 9), dice.between(2, 9), dice.between(2, 9), dice.between(2, 9)),
      o -> {
        Step one = new Step(o[0], '*', o[1]);
        Step two = new Step(o[2], '*', o[3]);
        return List.of(one, two, new Step(one.result(), '+', two.result()));
      }),
  MULTIPLY_ADD_SUBTRACT(
      2,
      "N buys A packs of B I. N finds C I and loses D I. How many I does N have?",
      "N had A packs with B I each, A*B=X, then C I more, X+C=Y, then D I fewer, Y-D=Z, so N had Z"
          + " I.",
      dice ->
          operands(
              dice.between(2, 9), dice.between(3, 9), dice.between(5, 30), dice.between(2, 10)),
      o -> {
        Step packs = new Step(o[0], '*', o[1]);
        Step found = new Step(packs.result(), '+', o[2]);
        return List.of(packs, found, new Step(found.result(), '-', o[3]));
      });

  private final int weight;
  private final String question;
  private final String story;
  private final Function<Dice, int[]> draw;
  private final Function<int[], List<Step>> steps;

  MathFamily(
      int weight,
      String question,
      String story,
      Function<Dice, int[]> draw,
      Function<int[], List<Step>> steps) {
    this.weight = weight;
    this.question = question;
    this.story = story;
    this.draw = draw;
    this.steps = steps;
  }

  /** How often it is drawn, relative to the others. */
  int weight() {
    return weight;
  }

  String question() {
    return question;
  }

  String story() {
    return story;
  }

  int[] operandsFrom(Dice dice) {
    return draw.apply(dice);
  }

  List<Step> steps(int[] operands) {
    return steps.apply(operands);
  }

  private static int[] operands(int... values) {
    return values;
  }

  private static int[] less(Dice dice, int from) {
    return operands(from, dice.between(2, from - 1));
  }

  private static int[] multiple(Dice dice) {
    int divisor = dice.between(2, 12);
    return operands(divisor * dice.between(2, 12), divisor);
  }

  private static List<Step> chain(Step first, char operator, int last) {
    return List.of(first, new Step(first.result(), operator, last));
  }
}
