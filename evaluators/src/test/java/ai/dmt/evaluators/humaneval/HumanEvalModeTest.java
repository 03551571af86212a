package ai.dmt.evaluators.humaneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HumanEvalModeTest {
  private static final HumanEvalProblem PROBLEM =
      new HumanEvalProblem("t/0", "\n\ndef f(x):\n    \"\"\"Doc.\"\"\"\n", "f", "TEST", "");

  @Test
  void promptForms() {
    assertEquals(PROBLEM.prompt(), HumanEvalMode.HUMAN_EVAL.prompt(PROBLEM));
    assertEquals("def f(x):\n    \"\"\"Doc.\"\"\"", HumanEvalMode.BIGCODE.prompt(PROBLEM));
    assertEquals("def f(x):\n    \"\"\"Doc.\"\"\"\n", HumanEvalMode.EVALPLUS_BASE.prompt(PROBLEM));
  }

  @Test
  void programIsSolutionTestAndCall() {
    assertEquals("S\nTEST\ncheck(f)", PROBLEM.program("S").source());
  }

  @Test
  void humanEvalTakesCompletionsAsTheyAre() {
    String completion = "    return x\n\ndef g():\n    pass\n```";
    assertEquals(
        PROBLEM.prompt() + completion, HumanEvalMode.HUMAN_EVAL.solution(PROBLEM, completion));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\nclass A",
        "\ndef g",
        "\n# b",
        "\n@c",
        "\nprint(",
        "\nif __name__",
        "\n```",
        "<file_sep>"
      })
  void bigcodeCutsAtTheEarliestStop(String stop) {
    String completion = "\n    return x" + stop + " more\ndef again\n```";
    assertEquals(
        HumanEvalMode.BIGCODE.prompt(PROBLEM) + "\n    return x",
        HumanEvalMode.BIGCODE.solution(PROBLEM, completion));
  }

  private static String evalplus(String completion) {
    return HumanEvalMode.EVALPLUS_BASE.solution(PROBLEM, completion);
  }

  @Test
  void evalplusAppendsWhatContinuesThePrompt() {
    String prompt = HumanEvalMode.EVALPLUS_BASE.prompt(PROBLEM);
    assertEquals(prompt + "    return x", evalplus("\treturn x"));
    assertEquals(prompt + "    return x", evalplus("    return x\ndef g():\n    pass"));
    assertEquals(prompt + "    return x", evalplus("    return x\nassert f(1) == 1"));
    assertEquals(prompt + "    return x", evalplus("    return x</s> and more"));
    assertEquals(prompt + "    return x\n", evalplus("```python\n    return x\n```"));
  }

  @Test
  void evalplusTakesWholeProgramsAlone() {
    String whole = "import math\n\ndef f(x):\n    return x\n\ndef g():\n    return 1\n";
    assertEquals(whole, evalplus(whole));
    assertEquals(whole, evalplus("Sure!\n```python\n" + whole + "```\nIt doubles."));
    assertEquals(whole, evalplus("```\n" + whole + "```"));
    assertEquals(whole, evalplus(whole + "```\nThe prompt had opened the block."));
    assertEquals(whole, evalplus("```\n" + whole), "cut off before the closing fence");
    assertEquals(
        whole, evalplus("First:\n```\npip install x\n```\nThen:\n```python\n" + whole + "```"));
    assertEquals(
        "def f(x):\n    return x", evalplus("def f(x):\n    return x\nif __name__ == '__main__':"));
  }

  @Test
  void unknownModeListsTheModes() {
    assertEquals(HumanEvalMode.BIGCODE, HumanEvalMode.of("bigcode"));
    ConfigException e = assertThrows(ConfigException.class, () -> HumanEvalMode.of("mbpp"));
    assertTrue(e.getMessage().contains("human-eval, bigcode, evalplus-base"), e::getMessage);
  }
}
