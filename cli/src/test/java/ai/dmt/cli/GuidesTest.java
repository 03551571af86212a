package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.LearntModel;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the pages of docs/ that go through a task, as they stand there. */
@Tag("native")
@Timeout(300)
class GuidesTest {
  @TempDir private Path folder;

  private static void needsCurl() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "skipped: there is no /usr/bin/curl");
  }

  @Test
  void ownDataIsTrainedOnAndTalkedTo() throws Exception {
    String printed = Guide.run("own-data.md", folder, "");
    says(printed, "math: 275 samples", "saved to tuned", "tuned: as it was recorded");
    says(Files.readString(folder.resolve("data.html")), "<html");
  }

  @Test
  void abilitiesAreMixedAndCompared() throws Exception {
    String printed = Guide.run("mix.md", folder, "");
    says(printed, "saved to runs/dmt", "saved to runs/multi-task", "backward transfer");
    says(Files.readString(folder.resolve("runs/dmt/ledger.json")), "specialized");
  }

  @Test
  void aMixtureIsAdvised() throws Exception {
    String printed = Guide.run("advise.md", folder, "");
    says(printed, "advised: ", "saved to runs/advised");
    says(Files.readString(folder.resolve("advice/report.html")), "If other abilities counted");
  }

  @Test
  void anAdapterIsTrainedAndMerged() throws Exception {
    String printed = Guide.run("adapters.md", folder, "");
    says(printed, "saved to runs/lora", "held-out loss, nats", "runs/lora merged to merged");
    says(
        Files.readString(folder.resolve("runs/lora/adapter_config.json")),
        "\"peft_type\" : \"LORA\"");
  }

  @Test
  void modelsAreEvaluated() throws Exception {
    String printed = Guide.run("evaluate.md", folder, "");
    says(printed, "held-out loss, nats", "pass@1", "baseline: before.json");
  }

  @Test
  void answersAreJudgedByAModelThatIsServed() throws Exception {
    needsCurl();
    String kinds = "single-v1 single-math-v1 single-v1-multi-turn single-math-v1-multi-turn";
    StringBuilder prompts = new StringBuilder();
    for (String kind : kinds.split(" ")) {
      prompts.append(
          "{\"name\": \"%s\", \"type\": \"single\", \"system_prompt\": \"Grade.\", "
              .formatted(kind));
      prompts.append("\"output_format\": \"[[rating]]\", \"prompt_template\": \"Rate.\"}\n");
    }
    Files.writeString(folder.resolve("judge_prompts.jsonl"), prompts);
    new LearntModel(folder.resolve("judge"), 2560) // a reply may have 2,048 tokens
        .with("vicuna_v1.1", "Rating: [[7]]", new Turn(Role.SYSTEM, "Grade."), Turn.user("Rate."))
        .write();
    String printed = Guide.run("judge.md", folder, "");
    says(printed, "{\"status\":\"ok\"}", "average    7.00");
    says(Files.readString(folder.resolve("judged.jsonl")), "\"judge\": [\"judge\"");
  }

  @Test
  void ranksTrainTogetherAndGoOn() throws Exception {
    String printed = Guide.run("several-gpus.md", folder, "");
    says(printed, "2 x cpu", "done after 6 of 6 steps", "held-out loss, nats");
  }

  @Test
  void modelsAreServed() throws Exception {
    needsCurl();
    new LearntModel(folder.resolve("tuned"), 512)
        .with("vicuna_v1.1", "Say it.", "Said it.")
        .write();
    for (String adapter : List.of("math", "code")) {
      new LearntModel(folder.resolve(adapter + "-adapter"), 512)
          .with("vicuna_v1.1", "Say it.", "Said by " + adapter)
          .writeAdapter(folder.resolve("tuned"));
    }
    String printed = Guide.run("serve.md", folder, "wait $! && echo ended\n");
    says(printed, "Said it.\n", "{\"status\":\"ok\"}", "\"id\":\"tuned\"");
    says(printed, "\"content\":\"Said it.\"", "data: [DONE]", "dmt_slots 16", "ended");
    says(printed, "\"id\":\"math\"", "\"parent\":\"tuned\"");
    says(printed, "\"content\":\"Said by math\"", "\"content\":\"Said by code\"");
  }

  @Test
  void aRunIsPlanned() throws Exception {
    says(Guide.run("plan.md", folder, ""), "8 x h100-80gb", "GPU hours", "because ");
  }

  /** Blocks of bash are for commands that these tests run; those of sh are examples. */
  @Test
  void noOtherPageHasBlocksOfBash() throws Exception {
    String source = Files.readString(Path.of("src/test/java/ai/dmt/cli/GuidesTest.java"));
    try (Stream<Path> pages = Files.list(Path.of("../docs"))) {
      List<String> others =
          pages
              .filter(page -> !source.contains("\"" + page.getFileName() + "\""))
              .filter(page -> page.toString().endsWith(".md") && Guide.hasCommands(page))
              .map(Path::toString)
              .toList();
      assertEquals(List.of("../docs/gpu.md"), others); // GpuCheckScriptTest runs its command
    }
  }

  private static void says(String printed, String... texts) {
    for (String text : List.of(texts)) {
      assertTrue(printed.contains(text), () -> text + " in " + printed);
    }
  }
}
