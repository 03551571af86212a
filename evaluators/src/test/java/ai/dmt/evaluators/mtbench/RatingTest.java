package ai.dmt.evaluators.mtbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.math.BigInteger;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatingTest {
  /**
   * The right column is what FastChat's expressions gave under Python 3.11; -1 where it crashed.
   */
  @ParameterizedTest
  @CsvSource({
    "Rating: [[5]], 5",
    "[[10]], 10",
    "[[8.5]], 8.5",
    "[[7.50]], 7.5",
    "[[5.]], 5.0",
    "[[9]] [[3]], 9",
    "[3] then [[4]], 4",
    "[[rating]] [1], 1",
    "[[1], 1",
    "[[5] ], 5",
    "[[[8]]], 8",
    "[[7]]/[[10]], 7",
    "[[1.2.3]] [2], 2",
    "[[100]], -1",
    "[[11]], -1",
    "[[10.5]], -1",
    "[[10.0]], 10.0",
    "[[0]], 0",
    "[[00]], 0",
    "[[05.5]], 5.5",
    "[[05]], -1",
    "[[\uFF15]], -1",
    "[[ 6 ]], -1",
    "8/10, -1",
    "[[.5]], -1",
    "[[-3]], -1",
    "[[10/10]], -1",
    "'[5,6]', -1",
    "[[1e1]], -1",
    "$ERROR$, -1",
    "'', -1"
  })
  void ratingsAreReadAsFastChatDoes(String judgment, String expected) {
    Number number =
        expected.contains(".")
            ? (Number) Double.valueOf(expected)
            : (Number) new BigInteger(expected);
    assertEquals(number, Rating.parse(judgment).number());
    assertEquals(expected.equals("-1"), Rating.parse(judgment).failed());
  }

  @Test
  void numbersThatPythonRefusesAreNone() {
    assertEquals(Rating.NONE, Rating.parse("[[" + "9".repeat(400) + "]]"), "infinite");
    assertEquals(Rating.NONE, Rating.parse("[[" + "9".repeat(4301) + "]]"));
    assertEquals(Rating.NONE, Rating.parse("[[" + "9".repeat(400) + ".0]]"), "infinite");
  }

  @Test
  void longDigitsTakeNoLongTime() {
    String judgment = "[[" + "9".repeat(1_000_000);
    assertTimeout(Duration.ofSeconds(2), () -> assertEquals(Rating.NONE, Rating.parse(judgment)));
  }
}
