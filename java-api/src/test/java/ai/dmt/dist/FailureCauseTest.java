package ai.dmt.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureCauseTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OWN | the disk is full",
        "OWN | reading of x failed: no such file",
        "TOLD | rank 2 of 4: the disk is full",
        "TOLD | rank 2 of 4: reading of x failed: no such file",
        "OWN | rank 2 of 4 at node0:29500: rank 3 has not arrived within 3 s",
        "TIMED_OUT | rank 0 of 4: all_gather of model.layers.3 timed out: waited 100 ms",
        "LOST | rank 12 of 16: reduce_scatter of the gradient norm failed: Connection closed",
        "LOST | rank 1 of 2: all_gather of x failed: y timed out: z"
      })
  void isReadFromTheMessage(FailureCause cause, String message) {
    assertEquals(cause, FailureCause.of(message));
  }
}
