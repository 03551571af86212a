package ai.dmt.internal.handle;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of {@link HandleStress}; scripts/stress.sh has long ones. */
@Tag("native")
@Tag("stress")
class HandleStressTest {
  @Test
  void everyOutcomeIsRightOrPromised(@TempDir Path folder) throws Exception {
    new HandleStress(folder, 1).run(15);
  }
}
