package ai.dmt.rft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.data.Origin;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathSelectionTest {
  private final PathSelection selection =
      new PathSelection(
          new Gsm8kProblem("0", Origin.UNKNOWN, "How many?", "2*3=<<2*3=6>>6\n#### 6"));

  private List<String> kept(String... paths) {
    List.of(paths).forEach(selection::add);
    return selection.kept();
  }

  @Test
  void wrongAndUnfinishedAnswersAreDroppedFirst() {
    assertEquals(
        List.of("<<1+5=6>> #### 6.0"),
        kept("#### 7", "the answer is 6", "<<1+5=6>> #### 6.0", "<<1+5=7>> #### 7", "####6", ""));
    assertEquals(new PathSelection.Counts(6, 5, 0, 0), selection.counts());
  }

  @Test
  void oneBrokenEquationDropsARightAnswer() {
    assertEquals(
        List.of("#### 6"), kept("<<2*3=6>> <<6-1=4>> #### 6", "<<six=6>> #### 6", "#### 6"));
    assertEquals(new PathSelection.Counts(3, 0, 2, 0), selection.counts());
  }

  @Test
  void orderOfOperandsAndOfEquationsMakesAnother() {
    assertEquals(
        List.of(
            "c << 2 * 3 = 6 >> #### 6", // farther from the others by its spaces
            "b <<3*2=6>> #### 6",
            "<<1+1=2>> <<2+4=6>> #### 6",
            "<<2+4=6>> <<1+1=2>> #### 6"),
        kept(
            "a <<2*3=6>> #### 6",
            "b <<3*2=6>> #### 6",
            "<<1+1=2>> <<2+4=6>> #### 6",
            "<<2+4=6>> <<1+1=2>> #### 6",
            "c << 2 * 3 = 6 >> #### 6"));
    assertEquals(new PathSelection.Counts(5, 0, 0, 1), selection.counts());
  }

  @Test
  void ofEqualEquationsThatWhichIsFartherFromTheOthersStaysInItsPlace() {
    assertEquals(
        List.of("zzzzzz <<2*3=6>> #### 6", "aaaa <<3*2=6>> #### 6"),
        kept("aaab <<2*3=6>> #### 6", "aaaa <<3*2=6>> #### 6", "zzzzzz <<2*3=6>> #### 6"));
    assertEquals(
        List.of("zzzzzz <<2*3=6>> #### 6", "aaaa <<3*2=6>> #### 6"),
        kept("zzzzz <<2*3=6>> #### 6", "zzzzzy <<2*3=6>> #### 6", "zzzzzz <<2*3=6>> #### 6"),
        "nearer, equally far, the same");
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource({
    "48/2, 24",
    "' 1 + 2*3 ', 7",
    "(1+2)*3, 9",
    "7//2, 3",
    "-7//2, -4",
    "-7%3, 2",
    "7%-3, -2",
    "2**3**2, 512",
    "-2**2, -4",
    "2**-1, 0.5",
    "--3, 3",
    "1.5e2+.5, 150.5",
    "5., 5",
    "00, 0",
    "0.1+0.2, 0.30000000000000004",
    "'', NaN",
    "1/0, NaN",
    "(1/0)**0, NaN",
    "1/(1/0), NaN",
    "007, NaN",
    "1+, NaN",
    "(1, NaN",
    "1), NaN",
    "5(3), NaN",
    "4 8, NaN",
    "'1,000*2', NaN",
    "$5*2, NaN",
    "20%*5, NaN",
    "x+1, NaN",
    "2^3, NaN",
    "9**9**9, NaN",
    "0**-1, NaN",
  })
  void valuesArePythons(String expression, double value) {
    assertEquals(value, Arithmetic.value(expression));
  }

  @Test
  void deepNestingAndLongTextsEnd() {
    assertEquals(Double.NaN, Arithmetic.value("(".repeat(100_000)));
    assertEquals(Double.NaN, Arithmetic.value("-".repeat(100_000) + "1"));
    assertEquals(100_000, Arithmetic.value("1" + "+1".repeat(99_999)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "48/2=24, true",
    "1/3=0.333, true",
    "1/3=0.33, false",
    "2+3=5=5, true",
    "2+3=5=6, true",
    "2+3=6=5, false",
    "5*20= 100 , true",
    "50*.01=.50, true",
    "3*4=1e1, false",
    "12=12, true",
    "12, false",
    "'', false",
    "=, false",
    "5*2=$10, false",
    "'1000*2=2,000', false",
    "1/2=1/2, false",
    "6==6, false",
    "1/0=nan, false",
  })
  void equationsHoldOrNot(String equation, boolean holds) {
    assertEquals(holds, Equations.holds(equation));
  }

  @Test
  void marksAreOfOneLineAndEndEarly() {
    assertEquals(List.of("1+1=2", "a", ""), Equations.of("<<1+1=2>>2 <<a>>>> <<>> << \n >>"));
  }
}
