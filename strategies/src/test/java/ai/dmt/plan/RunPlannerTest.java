package ai.dmt.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.Sharding;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Presets;
import ai.dmt.strategies.Strategies;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which settings a plan takes, and what it says of those that do not fit. */
class RunPlannerTest {
  private static final SampleLengths LENGTHS = SampleLengths.assumed(400, "for tests");

  private static RunPlanner planner(String preset, String shape, GpuKind gpu, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("training.packing=best_fit");
    Recipe recipe = Presets.recipe(preset, all);
    return new RunPlanner(
        recipe,
        Strategies.batches(recipe, recipe.corpus().tables()),
        ModelPreset.parse(shape).model(2048),
        LENGTHS,
        Machine.gpus(gpu, recipe.engine().dtype(), 8));
  }

  @Test
  void theFastestOfThoseThatFitIsChosen() {
    RunPlan plan = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB).plan(8);
    Placement chosen = plan.chosen();
    assertTrue(chosen.fits());
    assertFalse(chosen.changesNumbers());
    assertEquals(chosen, plan.others().get(0));
    for (Placement other : plan.others()) {
      if (other.fits() && !other.changesNumbers()) {
        assertTrue(chosen.step().seconds() <= other.step().seconds(), other.toString());
      }
    }
    assertTrue(plan.others().stream().anyMatch(other -> !other.fits()));
    assertEquals(5082, plan.steps());
    assertEquals(plan.steps() * chosen.step().seconds() * 8 / 3600, plan.rankHours(), 1e-6);
    assertTrue(plan.utilization() > 0.1 && plan.utilization() <= 0.4, plan.text(0));
  }

  /** 16 bytes for each of 32.5 billion parameters on four GPUs of 80 GB: 130 GB each. */
  @Test
  void whereNothingFitsMomentsAndGradientsAreHalved() {
    RunPlan plan = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB).plan(4);
    assertTrue(plan.chosen().changesNumbers());
    assertEquals(DType.BFLOAT16, plan.chosen().states());
    assertEquals("bfloat16", plan.changes().get("engine.gradient_dtype"));
    assertTrue(plan.text(0).contains("rounds"), plan.text(0));
  }

  @Test
  void whatCannotFitNamesTheNearestThatDoes() {
    RunPlanner planner = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB);
    String message = assertThrows(ConfigException.class, () -> planner.plan(2)).getMessage();
    assertTrue(message.contains("33b-dmt-1_256 does not fit 2 x h100-80gb"), message);
    assertTrue(message.contains("it fits 4 x h100-80gb (recompute="), message);
  }

  @Test
  void aModelOfOneGpuMayWantALargerOne() {
    Recipe recipe = Presets.recipe("7b-math", List.of());
    RunPlan plan = planner("7b-math", "7b", GpuKind.H200_141GB).plan(1);
    assertTrue(plan.chosen().fits());
    assertEquals(recipe.engine().optimizerStates(), plan.chosen().states());
    assertFalse(plan.changes().containsKey("engine.sharding"));
  }

  @Test
  void whatIsComputedAgainTakesTimeAndSavesMemory() {
    RunPlan plan = planner("7b-math", "7b", GpuKind.H200_141GB).plan(4);
    Placement none = find(plan, Recompute.NONE);
    Placement full = find(plan, Recompute.FULL);
    assertTrue(none.step().computation() < full.step().computation());
    RunPlan again = planner("7b-math", "7b", GpuKind.H200_141GB).plan(4);
    assertEquals(plan.text(2), again.text(2));
  }

  private static Placement find(RunPlan plan, Recompute level) {
    return plan.others().stream()
        .filter(each -> each.config().recompute() == level)
        .filter(each -> each.config().sharding().mode() == Sharding.FULL)
        .findFirst()
        .orElseThrow();
  }

  /** 32 samples' and their source's mean; where they take over 1 GiB, one sample's. */
  @Test
  void gradientsThatChooseWhatIsReplayedAreCounted() {
    for (String shape : List.of("tiny", "7b")) {
      Placement random = placement(shape, "random");
      Placement chosen = placement(shape, "gradient");
      long each = MemoryAccount.keptGradient(model(shape), chosen.config());
      int kept = shape.equals("tiny") ? 33 : 2;
      assertTrue(shape.equals("tiny") ? 32 * each < 1L << 30 : each > 1L << 30, each + " bytes");
      assertEquals(random.memory().gradients() + kept * each, chosen.memory().gradients());
      assertEquals(random.memory().total() + kept * each, chosen.memory().total());
      assertEquals(random.memory(), placement(shape, "loss").memory());
    }
    String text = planner("7b-dmt-1_256", "7b", GpuKind.H200_141GB, SELECTS).plan(8).text(0);
    assertTrue(text.contains(" GB of them for control.replay_selection), moments"), text);
  }

  private static final String SELECTS = "control={replay_selection: gradient}";

  private static ModelConfig model(String shape) {
    return ModelPreset.parse(shape).model(2048);
  }

  private static Placement placement(String shape, String selection) {
    String control = SELECTS.replace("gradient", selection);
    return planner("7b-dmt-1_256", shape, GpuKind.H200_141GB, control).asWritten(8);
  }

  @Test
  void moreGpusTakeLessTimeAndAcrossNodesCollectivesAreSlower() {
    RunPlanner planner = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB);
    double eight = planner.plan(8).duration().toSeconds();
    double sixteen = planner.plan(16).duration().toSeconds();
    assertTrue(sixteen < eight, sixteen + " " + eight);
    assertTrue(
        planner.plan(16).others().stream()
            .anyMatch(each -> each.config().sharding().mode() == Sharding.HYBRID));
    String message = assertThrows(ConfigException.class, () -> planner.plan(12)).getMessage();
    assertEquals("12 ranks are no multiple of the 8 of a node", message);
  }

  /** The preset's step has 128 samples: of 256 GPUs half have nothing to do. */
  @Test
  void aSampleIsNotDividedAmongGpus() {
    RunPlanner planner = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB);
    double sampleEach = planner.asWritten(128).step().computation();
    double work = planner.asWritten(256).step().computation();
    assertTrue(work > 0.95 * sampleEach, work + " s of " + sampleEach); // updates are divided
    double two = planner.asWritten(96).step().computation();
    assertTrue(two > 1.8 * sampleEach, two + " s of " + sampleEach);
  }

  /** Weights are gathered twice for a micro-batch, gradients reduced once, but for the ends. */
  @Test
  void whatTravelsIsThatOfTheShardingMode() {
    RunPlan plan = planner("7b-math", "7b", GpuKind.H100_80GB).plan(8);
    for (Placement each : plan.others()) {
      double weights = 2.0 * plan.model().parameters() * 7 / 8; // bfloat16
      double bytes = each.step().bytes();
      int micro = each.microBatches();
      boolean once = each.config().sharding().gradientReduction() == GradientReduction.STEP;
      double reductions = (once ? 1 : micro) * weights;
      double expected =
          switch (each.config().sharding().mode()) {
            case NONE -> 2 * weights;
            case GRAD_OP -> weights + reductions;
            default -> 2 * micro * weights + reductions;
          };
      assertEquals(1, bytes / expected, 0.05, each.config().sharding() + ": " + bytes);
    }
  }

  /** Of all that is not computed again: 6 for each weight and token, and attention. */
  @Test
  void operationsOfAStepAreThoseOfItsTokens() {
    ModelConfig model = ModelPreset.parse("7b").model(2048);
    StepWork work = StepWork.of(model, EngineConfig.defaults(), 1000, LENGTHS);
    assertEquals(
        1, (work.products() + work.attention()) / (1000 * model.trainingFlopsPerToken(400)), 1e-4);
    assertEquals(model.parameters(), work.updates());
    StepWork again =
        StepWork.of(model, EngineConfig.defaults().withRecompute(Recompute.FULL), 1000, LENGTHS);
    assertTrue(
        again.products() > 1.2 * work.products() && again.products() < work.products() * 4 / 3);
  }

  /** On a machine with so many cores and bytes, with samples of about 400 tokens. */
  private static RunPlanner onCpus(int cores, long memory, String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "engine.dtype=float32",
                "engine.recompute=none",
                "training.packing=best_fit",
                "training.max_tokens_per_micro_batch=auto"));
    all.addAll(List.of(settings));
    Recipe recipe = Presets.recipe("7b-math", all);
    return new RunPlanner(
        recipe,
        Strategies.batches(recipe, recipe.corpus().tables()),
        ModelPreset.parse("tiny").model(2048),
        LENGTHS,
        Machine.cpus(cores, memory));
  }

  @Test
  void autoIsTheSmallestSizeThatIsAsFastAsAny() {
    RunPlanner planner = onCpus(2, 1L << 40);
    Placement chosen = planner.microBatch(1);
    assertEquals(chosen, planner.asWritten(1));
    assertEquals(Recompute.NONE, chosen.config().recompute());
    int longest = 2048;
    assertTrue(chosen.maxTokens() > longest, "reading the weights for each sample is slow");
    Placement most = onCpus(2, 1L << 40, of(64 * longest)).asWritten(1);
    Placement half = onCpus(2, 1L << 40, of(chosen.maxTokens() / 2)).asWritten(1);
    assertTrue(chosen.step().seconds() <= 1.01 * most.step().seconds());
    assertTrue(half.step().seconds() > 1.01 * most.step().seconds(), half.toString());
    assertTrue(chosen.memory().total() < most.memory().total());
  }

  private static String of(int maxTokens) {
    return "training.max_tokens_per_micro_batch=" + maxTokens;
  }

  @Test
  void autoTakesWhatFits() {
    Placement free = onCpus(2, 1L << 40).microBatch(1);
    long room = 700_000_000L + free.memory().total() - 1;
    Placement fits = onCpus(2, room).microBatch(1);
    assertTrue(fits.fits() && fits.maxTokens() < free.maxTokens(), fits.toString());
  }

  @Test
  void whereNoSizeFitsSettingsThatWouldAreNamed() {
    long least = onCpus(2, 1L << 40, of(2048)).asWritten(1).memory().total();
    RunPlanner small = onCpus(2, 700_000_000L + least - 1);
    String message = assertThrows(ConfigException.class, () -> small.microBatch(1)).getMessage();
    assertTrue(
        message.contains("7b-math does not fit this machine with max_tokens_per_micro_batch=auto"),
        message);
    assertTrue(message.contains("; it fits with recompute="), message);
    RunPlanner tooSmall = onCpus(2, 700_000_001L);
    String none = assertThrows(ConfigException.class, () -> tooSmall.microBatch(1)).getMessage();
    assertTrue(none.contains("; it fits 1 x "), none);
  }

  /** Their number is the recipe's; in how many parts they go through the model is open. */
  @Test
  void autoCutsSamplesThatAreNotPacked() {
    String[] unpacked = {"training.packing=paper", "training.per_device_train_batch_size=16"};
    Placement free = onCpus(2, 1L << 40, unpacked).microBatch(1);
    assertTrue(free.maxTokens() <= 16 * 2048, free.toString());
    Placement fits = onCpus(2, 700_000_000L + free.memory().total() - 1, unpacked).microBatch(1);
    assertTrue(fits.maxTokens() < free.maxTokens(), fits.toString());
    assertTrue(fits.microBatches() >= free.microBatches());
  }

  @Test
  void gpusOfThisProcessAreToldByTheirNames() {
    String report =
        "0: NVIDIA H100 80GB HBM3 (81559 MiB, compute capability 9.0), 1: NVIDIA GeForce RTX 4090"
            + " (24564 MiB, compute capability 8.9), 2: Tesla V100-SXM2-32GB (32501 MiB, compute"
            + " capability 7.0), 3: NVIDIA A100-SXM4-40GB (40326 MiB, compute capability 8.0); driver for CUDA 13.0";
    List<String> names = List.of("h100-80gb", "rtx4090-24gb", "a100-40gb", "a100-40gb");
    for (int gpu = 0; gpu < names.size(); gpu++) {
      Machine machine = GpuHere.machine(report, gpu, DType.BFLOAT16);
      assertEquals(names.get(gpu), machine.name());
      assertEquals(
          gpu == 2, machine.speed().basis().startsWith("no plan knows Tesla V100-SXM2-32GB"));
    }
    assertEquals(81559L << 20, GpuHere.machine(report, 0, DType.BFLOAT16).memory());
    String fault =
        assertThrows(ConfigException.class, () -> GpuHere.machine("no driver", 0, DType.BFLOAT16))
            .getMessage();
    assertEquals("device cuda: there is no GPU 0: no driver", fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a100-80gb", "h100-80gb", "h200-141gb", "b200", "b200-180gb", "l40s"})
  void gpusHaveNames(String name) {
    assertTrue(GpuKind.parse(name).text().startsWith(name));
  }

  @Test
  void anUnknownGpuIsToldTheNearest() {
    String message =
        assertThrows(ConfigException.class, () -> GpuKind.parse("h100-80bg")).getMessage();
    assertTrue(message.contains("did you mean h100-80gb?"), message);
    assertTrue(GpuKind.find("a100").isEmpty()); // there are two
  }

  @Test
  void ranksAreCounted() {
    RunPlanner planner = planner("7b-math", "7b", GpuKind.H200_141GB);
    assertThrows(ConfigException.class, () -> planner.plan(0));
  }

  /** 84 GB of weights, gradients and moments; 13 of frozen ones in bfloat16, 4 in four bits. */
  @Test
  void adaptersAreProposedWhereAllWeightsDoNotFit() {
    RunPlanner planner = planner("7b-math", "7b", GpuKind.RTX4090_24GB);
    String message = assertThrows(ConfigException.class, () -> planner.plan(1)).getMessage();
    assertTrue(message.contains("7b-math does not fit 1 x rtx4090-24gb"), message);
    assertTrue(
        message.contains("; lora fits 1 x rtx4090-24gb with adapter.rank=16 engine.rec"), message);
    assertTrue(
        message.contains(
            "; qlora fits 1 x rtx4090-24gb with adapter.rank=16 adapter.base_weights=nf4 engine."),
        message);
    RunPlanner large = planner("33b-math", "65b", GpuKind.RTX4090_24GB);
    String none = assertThrows(ConfigException.class, () -> large.plan(1)).getMessage();
    assertFalse(none.contains("lora fits"), none);
  }

  @Test
  void waysStandSideBySide() {
    RunPlanner planner = planner("7b-math", "7b", GpuKind.H200_141GB);
    List<WayPlan> ways = planner.ways(1);
    assertEquals(List.of(TrainingWay.values()), ways.stream().map(WayPlan::way).toList());
    WayPlan full = ways.get(0);
    WayPlan lora = ways.get(1);
    WayPlan qlora = ways.get(2);
    assertEquals(planner.plan(1).chosen(), full.placement());
    assertEquals(6_738_415_616L, full.trained());
    assertEquals(39_976_960L, lora.trained());
    assertEquals(lora.trained(), qlora.trained());
    assertEquals(
        lora.trained() * 8, lora.placement().memory().optimizerStates(), "two moments in float32");
    long blocks = 6_738_415_616L - 2 * 32000 * 4096 - 65 * 4096;
    long saved = lora.placement().memory().weights() - qlora.placement().memory().weights();
    assertEquals(blocks * (2 - 0.5 - 1.0 / 64 - 4.0 / 64 / 256), saved, 32 * 7 * 32);
    // No gradients of weights, but the same activations are gone through.
    double faster = lora.tokensPerSecond() / full.tokensPerSecond();
    assertTrue(faster > 1.2 && faster < 1.6, lora.toString());
  }

  /** What the least of GPUs of today has, 5 GB of which are not planned. */
  @Test
  void sevenBillionParametersInFourBitsTrainOn4096TokensIn12Gigabytes() {
    EngineConfig config =
        EngineConfig.defaults()
            .withDevice(new DeviceConfig(Device.CUDA, 0))
            .withComputeDType(DType.BFLOAT16)
            .withAdapter(AdapterConfig.lora(16, 32))
            .withBaseWeights(BaseWeights.NF4);
    ModelConfig model = ModelPreset.parse("7b").model(4096);
    for (Recompute level : List.of(Recompute.ATTENTION, Recompute.FULL)) {
      MemoryAccount account = MemoryAccount.planned(model, config.withRecompute(level), 4096);
      assertTrue(account.total() < 12_000_000_000L, account.toString());
    }
    long full = MemoryAccount.planned(model, config.withRecompute(Recompute.FULL), 4096).total();
    assertTrue(full < 7_000_000_000L, "bytes: " + full);
  }
}
