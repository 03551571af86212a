package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluation.HeldOutLoss;
import ai.dmt.evaluation.SampleLoss;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeldOutTableTest {
  @Test
  void showsTheMeanOverLabelTokensAndItsInterval() {
    HeldOutLoss loss =
        new HeldOutLoss(Map.of("a", List.of(new SampleLoss("1", 2, 2), new SampleLoss("2", 9, 3))));
    String text = HeldOutTable.text(Map.of("m", loss));
    assertTrue(text.contains("2.2000 (1.0000 to 3.0000)"), text);
  }
}
