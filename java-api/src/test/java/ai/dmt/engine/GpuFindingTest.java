package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("native")
class GpuFindingTest {
  @Test
  void linesOfTheEngineAreVerdictSubjectAndText() {
    assertEquals(
        new GpuFinding("GPU driver", GpuFinding.Verdict.FAULT, "no\tdriver"),
        GpuFinding.parse("FAIL\tGPU driver\tno\tdriver"));
    assertEquals(GpuFinding.Verdict.TOLD, GpuFinding.parse("-\tNCCL\tnot run").verdict());
  }

  @Test
  void withoutADriverTheFirstCheckFailsAndThoseOnTheGpuSayWhyTheyDidNotRun() {
    assumeTrue(
        NativeRuntime.gpuReport().startsWith("no NVIDIA driver"), "this machine has a driver");
    List<GpuFinding> findings = new ArrayList<>();
    NativeRuntime.checkGpu(0, findings::add);
    assertEquals("GPU driver", findings.get(0).subject());
    assertEquals(GpuFinding.Verdict.FAULT, findings.get(0).verdict());
    assertTrue(findings.get(0).found().contains("install the driver"), findings::toString);
    List<String> subjects = findings.stream().map(GpuFinding::subject).toList();
    assertTrue(
        subjects.containsAll(
            List.of("libtorch for GPUs", "GPU kernels", "kernel launch", "attention", "NCCL")),
        subjects::toString);
    findings.stream()
        .filter(finding -> finding.subject().equals("kernel launch"))
        .forEach(
            finding -> {
              assertEquals(GpuFinding.Verdict.TOLD, finding.verdict());
              assertFalse(finding.found().isEmpty());
            });
  }
}
