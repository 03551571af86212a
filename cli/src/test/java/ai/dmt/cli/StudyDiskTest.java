package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SmallDisk;
import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Studies on a disk that is too small, or that others fill: a small tmpfs, which needs root. */
@Tag("native")
@Timeout(300)
class StudyDiskTest {
  @TempDir private Path folder;
  private Path disk;
  private SmallDisk small; // null until it is mounted
  private Path preset;
  private StudyProcesses processes;

  @BeforeEach
  void writePreset() throws IOException {
    processes = new StudyProcesses(folder);
    disk = Files.createDirectory(folder.resolve("disk"));
    Path model = TinyModel.write(folder.resolve("model"));
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      records.append("{\"question\": \"What is %s?\", \"answer\": \"%s\"}\n".formatted(i, i + 1));
    }
    Files.writeString(folder.resolve("sums.jsonl"), records);
    preset =
        Files.writeString(
            folder.resolve("mini.yaml"),
            """
            name: mini
            recipe:
              model: %s
              sources:
                math: {role: specialized, files: [sums.jsonl]}
                code: {role: specialized, files: [sums.jsonl]}
                general: {role: general, files: [sums.jsonl]}
              data: {cutoff_len: 512, eval_fraction: 0.1}
              training: {num_train_epochs: 1, global_train_batch_size: 4, learning_rate: 1e-3}
              engine: {threads: 1}
            data_dir: %s
            """
                .formatted(model, folder));
  }

  @AfterEach
  void release() throws Exception {
    processes.close();
    if (small != null) {
      small.close();
    }
  }

  private void mount(int megabytes) throws Exception {
    small = SmallDisk.mount(disk, megabytes + "m");
  }

  private List<Object> study() {
    return List.of(
        "study", "strategies", "--preset", preset, "--output", disk.resolve("out"), "--jobs", 1);
  }

  private int nodes() throws IOException {
    Path nodes = disk.resolve("out/nodes");
    if (!Files.exists(nodes)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(nodes)) {
      return (int) files.filter(node -> Files.exists(node.resolve("node.json"))).count();
    }
  }

  @Test
  void aDiskThatIsTooSmallIsToldBeforeAnythingIsTrained() throws Exception {
    mount(4);
    Dmt.run(study().toArray())
        .fails(
            ExitCode.USAGE,
            "the disk has ",
            " free; the models of 9 stages need up to ",
            "32.0 MB");
    assertEquals(0, nodes());
  }

  @Test
  void aDiskThatGetsFullEndsTheStudyWithOneMessageAndItGoesOnWhenThereIsRoom() throws Exception {
    mount(48);
    Process process = processes.start(study());
    processes.waitFor(process, this::nodes, 2);
    Path filling = disk.resolve("filling");
    try (var out = Files.newOutputStream(filling)) {
      byte[] block = new byte[1 << 16];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertTrue(full.getMessage().contains("No space left"), full::toString);
    }
    processes.ends(process, ExitCode.FAILED);
    List<String> lines = new ArrayList<>(processes.log().lines().toList());
    String last = lines.get(lines.size() - 1);
    assertTrue(last.matches("dmt: /.* cannot be written: .*No space left on device.*"), last);
    assertFalse(processes.log().contains("\tat "), processes.log());
    int done = nodes();
    Files.delete(filling);
    processes.ends(processes.start(study()), ExitCode.OK);
    assertTrue(processes.log().contains("7 of 7 cells done"), processes.log());
    assertTrue(done < nodes(), "it went on: %s, then %s".formatted(done, nodes()));
  }
}
