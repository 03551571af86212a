package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.doctor.Finding;
import ai.dmt.doctor.GoldenCheck;
import ai.dmt.doctor.SystemCheck;
import ai.dmt.engine.DType;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GpuFinding;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.internal.text.Units;
import ai.dmt.run.RankIdentity;
import ai.dmt.run.RunRank;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt doctor}: checks the installation, or the engine against golden cases. */
@Command(
    name = "doctor",
    description = {
      "Checks the machine and the installation, or, with --gpu, a GPU and all that it needs, or, with --golden, the engine.",
      "--golden compares with what transformers computed (scripts/golden_from_model.py writes it)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--golden",
      arity = "1..*",
      paramLabel = "DIR",
      description = "Folders with model, expected.safetensors and expected.json.")
  private List<Path> golden = List.of();

  @Option(
      names = "--gpu",
      description = {
        "The driver, NVIDIA's libraries, the kernels, attention, NCCL and speed, a line each;",
        "--device-index chooses the GPU."
      })
  private boolean gpu;

  @Mixin private ComputeOptions compute;
  @Mixin private RankOptions ranks;
  private RunRank rank;

  @Override
  public Integer call() throws IOException {
    EngineConfig config =
        compute.applyTo(EngineConfig.defaults()); // a wrong option is one, used or not
    rank = ranks.rank();
    if (gpu) {
      return checkGpu(config.device().at(0).index()) ? ExitCode.OK : ExitCode.FAILED;
    }
    boolean holds =
        golden.isEmpty()
            ? checkSystem(config.device())
            : rank.run(config, () -> identity(config), this::checkGolden);
    return holds ? ExitCode.OK : ExitCode.FAILED;
  }

  private boolean checkSystem(DeviceConfig device) {
    boolean holds = true;
    for (SystemCheck.Line line : SystemCheck.run(device)) {
      print("%-15s %-4s %s%n", line.subject(), line.verdict().text(), line.found());
      holds &= line.verdict() != Finding.Verdict.FAIL;
    }
    return holds;
  }

  private boolean checkGpu(int index) {
    if (!golden.isEmpty()) {
      throw new ConfigException("--gpu and --golden are checks of their own; give one of them");
    }
    AtomicBoolean holds = new AtomicBoolean(true);
    NativeRuntime.checkGpu(
        index,
        finding -> {
          Finding.Verdict verdict = verdict(finding.verdict());
          print("%-20s %-4s %s%n", finding.subject(), verdict.text(), finding.found());
          holds.compareAndSet(true, verdict != Finding.Verdict.FAIL);
        });
    return holds.get();
  }

  private static Finding.Verdict verdict(GpuFinding.Verdict verdict) {
    return switch (verdict) {
      case OK -> Finding.Verdict.OK;
      case FAULT -> Finding.Verdict.FAIL;
      case TOLD -> Finding.Verdict.NONE;
    };
  }

  private RunIdentity identity(EngineConfig config) {
    RunIdentity identity = RankIdentity.of(config);
    for (Path folder : golden) {
      identity =
          identity.plus(
              RankIdentity.ofModel(folder.resolve("model")).under(folder.getFileName().toString()));
    }
    return identity;
  }

  private boolean checkGolden(EngineConfig config) {
    boolean holds = true;
    for (Path folder : golden) {
      print("%s in %s%n", folder, compute.dtype().text());
      if (compute.dtype() == DType.BFLOAT16) {
        print("only losses have a tolerance in bfloat16; the rest is told without a verdict%n");
      }
      print(
          "%-58s %10s %10s  %-14s %s%n",
          "quantity", "absolute", "relative", "tolerance", "verdict");
      boolean ok =
          GoldenCheck.run(
              folder,
              config,
              finding ->
                  print(
                      "%-58s %10.2e %10.2e  %-14s %s%n",
                      finding.quantity(),
                      finding.absoluteError(),
                      finding.relativeError(),
                      finding.tolerance(),
                      finding.verdict().text()));
      print("%s: %s%n", folder, ok ? "ok" : "FAIL");
      holds &= ok;
    }
    return holds;
  }

  private void print(String pattern, Object... values) {
    if (!rank.writes()) {
      return;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(Units.format(pattern, values));
    out.flush();
  }
}
