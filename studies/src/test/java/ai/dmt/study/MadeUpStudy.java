package ai.dmt.study;

import ai.dmt.report.Share;
import ai.dmt.run.MetricsFile;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A study folder for tests whose numbers nobody measured: they follow formulas that look like
 * learning and forgetting. All files that a report reads are there.
 */
public final class MadeUpStudy {
  /** A completion that would be a script, were it ever taken for markup. */
  public static final String HOSTILE =
      "<script>document.title='owned'</script><img src=x onerror=\"alert(1)\"> & 'quoted' ]]>";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SOURCES = List.of("math", "code", "general");
  private static final Map<String, Integer> FULL =
      Map.of("math", 1101, "code", 200, "general", 860);
  private static final List<Double> SHARES = List.of(1.0, 1 / 4.0, 1 / 16.0, 1 / 64.0, 1 / 256.0);
  private static final List<Long> SEEDS = List.of(42L, 43L, 44L);
  private static final int PROBLEMS = 40;
  private static final int CONVERSATIONS = 6;
  private static final long STEPS = 130;

  private final StudyFolder folder;
  private final String missing; // why there are no scores; null where there are
  private final ObjectNode results = JSON.createObjectNode();
  private final ArrayNode cells = results.putArray("cells");

  private MadeUpStudy(Path root, String missing) {
    this.folder = new StudyFolder(root);
    this.missing = missing;
  }

  /** With scores. */
  public static StudyFolder write(Path root) throws IOException {
    return new MadeUpStudy(root, null).write();
  }

  /** With losses alone. */
  public static StudyFolder writeWithoutScores(Path root) throws IOException {
    return new MadeUpStudy(root, "no <bwrap> on this machine").write();
  }

  private StudyFolder write() throws IOException {
    head();
    for (long seed : SEEDS) {
      for (String source : SOURCES) {
        cell("strategies", source + " only", "", 1, seed, List.of(only(source, 1)));
      }
      Map<String, Double> all = shares(1, 1);
      cell("strategies", "multi-task", "multi-task", 1, seed, List.of(all));
      cell(
          "strategies",
          "sequential",
          "sequential",
          1,
          seed,
          List.of(only("code", 1), only("math", 1), only("general", 1)));
      Map<String, Double> special = shares(1, 0);
      cell(
          "strategies",
          "mixed-sequential",
          "mixed-sequential",
          1,
          seed,
          List.of(special, shares(0, 1)));
      cell("strategies", "dmt k=1/256", "dmt", 1 / 256.0, seed, List.of(special, dmt(1 / 256.0)));
      for (double k : SHARES) {
        String text = " k=" + Share.text(k);
        for (String source : SOURCES) {
          cell("amount", "amount " + source + text, source, k, seed, List.of(only(source, k)));
        }
        cell("mixed", "mixed" + text, "", k, seed, List.of(shares(k, k)));
        cell("ratio", "ratio a" + text, "a", k, seed, List.of(shares(k, 1)));
        cell("ratio", "ratio b" + text, "b", k, seed, List.of(shares(1, k)));
        cell("ratio", "ratio c" + text, "c", k, seed, List.of(shares(k, 1 / 64.0)));
        cell("dmt-k", "k sweep" + text, "", k, seed, List.of(special, dmt(k)));
      }
      cell("dmt-k", "k sweep k=0", "", 0, seed, List.of(special, shares(0, 1)));
    }
    StudyFolder.replace(folder.results(), results.toPrettyString());
    StudyFolder.replace(folder.timing(), timing().toPrettyString());
    return folder;
  }

  private void head() {
    results.put("schema", 1).put("study", "made-up");
    results.set("seeds", JSON.valueToTree(SEEDS));
    ObjectNode versions = results.putObject("versions").put("dmt", "test fixture, not measured");
    versions.put("base_model", "0123456789abcdef").put("dtype", "float32").put("threads", 1);
    versions.putObject("sources").put("math", "aa").put("code", "bb").put("general", "cc");
    results.set("sources", JSON.valueToTree(SOURCES));
    results.putArray("general").add("general");
    ObjectNode benchmarks = results.putObject("benchmarks");
    benchmark(benchmarks, "gsm8k", "math", "accuracy/lm-eval-strict", "accuracy/lm-eval-flexible");
    benchmark(benchmarks, "humaneval", "code", "pass@1/evalplus-base");
    benchmark(benchmarks, "mtbench", "general", "average");
    ObjectNode grid = results.putObject("grid").put("headline_k", 1 / 256.0);
    grid.put("ratio_general", 1 / 64.0).set("amounts", JSON.valueToTree(SHARES));
    ArrayNode k = grid.putArray("dmt_k").add(0);
    SHARES.forEach(k::add);
    ObjectNode base = results.putObject("base");
    Map<String, Double> nothing = Map.of("math", 0.0, "code", 0.0, "general", 0.0);
    base.set("held_out", losses(nothing, 0));
    base.set("scores", scores(nothing, 0));
  }

  private static void benchmark(
      ObjectNode benchmarks, String name, String source, String... scores) {
    benchmarks.putObject(name).put("source", source).set("scores", JSON.valueToTree(scores));
  }

  private static Map<String, Double> shares(double specialized, double general) {
    Map<String, Double> shares = new LinkedHashMap<>();
    shares.put("math", specialized);
    shares.put("code", specialized);
    shares.put("general", general);
    return shares;
  }

  private static Map<String, Double> only(String source, double share) {
    Map<String, Double> shares = shares(0, 0);
    shares.put(source, share);
    return shares;
  }

  private static Map<String, Double> dmt(double k) {
    return shares(k, 1);
  }

  private void cell(
      String question,
      String group,
      String setup,
      double share,
      long seed,
      List<Map<String, Double>> stages)
      throws IOException {
    ObjectNode cell = cells.addObject().put("id", group + " seed " + seed).put("group", group);
    cell.put("question", question).put("setup", setup);
    cell.put(question.equals("dmt-k") || setup.equals("dmt") ? "k" : "fraction", share);
    cell.put("seed", seed).put("recipe", "cells/" + StudyCell.slug(group) + "/recipe.yaml");
    ArrayNode list = cell.putArray("stages");
    Map<String, Double> learnt = new LinkedHashMap<>(shares(0, 0));
    String path = "";
    for (Map<String, Double> stage : stages) {
      path += stage;
      learnt.replaceAll((source, before) -> after(before, stage.get(source)));
      String node = StudyHashes.ofText(path + seed);
      ObjectNode trained = list.addObject().put("name", name(stage)).put("node", node);
      ObjectNode samples = trained.putObject("samples");
      stage.forEach(
          (source, part) -> {
            if (part > 0) {
              samples.put(source, Math.max(1, Math.round(part * FULL.get(source))));
            }
          });
      trained.put("steps", STEPS).put("tokens", 90_000).put("label_tokens", 40_000);
      trained.put("final_loss", 1.5);
      trained.set("held_out", losses(learnt, seed));
      writeNode(node, stage, seed);
    }
    cell.set("scores", scores(learnt, seed));
    if (missing == null) {
      String solved = StudyHashes.ofText("gsm8k" + path + seed);
      String rated = StudyHashes.ofText("mtbench" + path + seed);
      cell.putObject("evaluations").put("gsm8k", solved).put("mtbench", rated);
      writeEvaluation(solved, learnt.get("math"), seed);
      writeRatings(rated, learnt.get("general"), learnt.get("math"));
    }
  }

  /** What is known of a source, in [0, 1], after a stage that has a share of it. */
  private static double after(double before, double share) {
    double fresh = share == 0 ? 0 : Math.pow(share, 0.25) * 0.95;
    return Math.max(before * 0.45 + 0.3 * Math.sqrt(fresh), fresh);
  }

  private static String name(Map<String, Double> stage) {
    return String.join(
        "+", stage.keySet().stream().filter(source -> stage.get(source) > 0).toList());
  }

  private static ObjectNode losses(Map<String, Double> learnt, long seed) {
    ObjectNode losses = JSON.createObjectNode();
    learnt.forEach(
        (source, known) ->
            losses.put(source, 3.2 - 2.1 * known + noise(source + learnt + seed) * 0.03));
    return losses;
  }

  private ObjectNode scores(Map<String, Double> learnt, long seed) {
    ObjectNode scores = JSON.createObjectNode();
    if (missing != null) {
      for (String name : List.of("gsm8k", "humaneval", "mtbench")) {
        scores.putObject(name).put("missing", missing);
      }
      return scores;
    }
    ArrayNode gsm8k = scores.putArray("gsm8k");
    double math = 0.02 + 0.6 * learnt.get("math") + noise("m" + learnt + seed) * 0.01;
    score(gsm8k, "accuracy", "lm-eval-strict", math, 0.04);
    score(gsm8k, "accuracy", "lm-eval-flexible", math + 0.05, 0.04);
    double code = 0.01 + 0.4 * learnt.get("code") + noise("c" + learnt + seed) * 0.02;
    score(scores.putArray("humaneval"), "pass@1", "evalplus-base", code, 0.05);
    double chat = 1.5 + 6 * learnt.get("general") + noise("g" + learnt + seed) * 0.1;
    score(scores.putArray("mtbench"), "average", "", chat, 0.3);
    return scores;
  }

  private static void score(
      ArrayNode list, String name, String mode, double value, double halfInterval) {
    ObjectNode score = list.addObject().put("name", name);
    if (!mode.isEmpty()) {
      score.put("mode", mode);
    }
    score.put("score", Math.max(0, value));
    score.putArray("interval").add(Math.max(0, value - halfInterval)).add(value + halfInterval);
  }

  private void writeNode(String node, Map<String, Double> stage, long seed) throws IOException {
    Path target = folder.node(node);
    if (Files.exists(target)) {
      return;
    }
    Files.createDirectories(target);
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= STEPS; step++) {
      ObjectNode line = JSON.createObjectNode().put("type", "step").put("step", step);
      ObjectNode sources = line.putObject("sources");
      for (String source : SOURCES) {
        if (stage.get(source) > 0) {
          double loss = 1 + 2.2 / (1 + step / 20.0) + noise(source + step + seed) * 0.1;
          sources.putObject(source).put("loss", loss).put("label_tokens", 300);
        }
      }
      lines.append(line).append('\n');
    }
    Files.writeString(target.resolve(MetricsFile.NAME), lines);
    ObjectNode ledger = JSON.createObjectNode();
    ArrayNode entries = ledger.putArray("entries");
    double total =
        stage.entrySet().stream().mapToDouble(e -> e.getValue() * FULL.get(e.getKey())).sum();
    for (String source : SOURCES) {
      if (stage.get(source) > 0) {
        double share = stage.get(source) * FULL.get(source) / total;
        ObjectNode entry = entries.addObject().put("stage", name(stage)).put("source", source);
        entry.put("measure", "samples").put("asked", 100).put("asked_share", share);
        entry.put("realised_share", share).put("rounding", 0.001);
        ObjectNode realised = entry.putObject("realised").put("samples", 300).put("tokens", 9000);
        realised.put("label_tokens", 4000).put("sample_share", share);
        realised.put("token_share", share * 0.9).put("label_token_share", share * 0.8);
        entry.put("repeats", 0).put("truncated", 2).put("dropped", 1);
      }
    }
    Files.writeString(target.resolve("ledger.json"), ledger.toPrettyString());
  }

  private void writeEvaluation(String key, double known, long seed) throws IOException {
    Path target = folder.evaluation(key);
    if (Files.exists(target)) {
      return;
    }
    Files.createDirectories(target);
    ObjectNode report = JSON.createObjectNode().put("benchmark", "gsm8k").put("version", "0");
    report.putArray("scores");
    ArrayNode items = report.putArray("items");
    StringBuilder completions = new StringBuilder();
    for (int id = 0; id < PROBLEMS; id++) {
      boolean solved = (noise("problem " + id) + 1) / 2 < known;
      for (String mode : List.of("lm-eval-strict", "lm-eval-flexible")) {
        items
            .addObject()
            .put("id", id)
            .put("mode", mode)
            .put("verdict", solved ? "correct" : "wrong");
      }
      ObjectNode line = JSON.createObjectNode().put("id", id);
      line.put("prompt", "Ann has %s apples & buys <3 more.\nHow many?".formatted(id));
      line.put(
          "completion", solved ? "%s + 3 = %s\n#### %s".formatted(id, id + 3, id + 3) : HOSTILE);
      completions.append(line.put("finish_reason", "stop")).append('\n');
    }
    Files.writeString(target.resolve(CellEvaluation.REPORT_FILE), report.toString());
    Files.writeString(target.resolve(AnsweredItems.COMPLETIONS_FILE), completions);
  }

  /**
   * Conversations of two turns, but for the last, which has one. Whoever forgets math chats worse
   * about the numbers 0 to 3; the others differ by less than a point.
   */
  private void writeRatings(String key, double general, double math) throws IOException {
    Path target = folder.evaluation(key);
    if (Files.exists(target)) {
      return;
    }
    Files.createDirectories(target);
    ObjectNode report = JSON.createObjectNode().put("benchmark", "mtbench").put("version", "1");
    report.putArray("scores");
    ArrayNode items = report.putArray("items");
    StringBuilder first = new StringBuilder();
    StringBuilder second = new StringBuilder();
    for (int id = 0; id < CONVERSATIONS; id++) {
      int turns = id == CONVERSATIONS - 1 ? 1 : 2;
      for (int turn = 0; turn < turns; turn++) {
        double points = id < 4 ? 2 + 4 * general + 3 * math - turn : 5 + 0.5 * general;
        ObjectNode item = items.addObject().put("id", id).put("sample", turn);
        item.put("verdict", "rated").put("score", points);
        ObjectNode line = JSON.createObjectNode().put("id", id);
        line.put("prompt", turn == 0 ? "Say %s in words.".formatted(id) : "And louder?");
        line.put("completion", id == 0 ? HOSTILE : "Number " + id);
        (turn == 0 ? first : second).append(line).append('\n');
      }
    }
    Files.writeString(target.resolve(CellEvaluation.REPORT_FILE), report.toString());
    Files.writeString(target.resolve(AnsweredItems.COMPLETIONS_FILE), first.append(second));
  }

  private ObjectNode timing() {
    ObjectNode timing = JSON.createObjectNode();
    ObjectNode task = timing.putArray("tasks").addObject().put("task", "math only seed 42: math");
    task.put("tokens", 90_000).put("train_seconds", 30.5).put("seconds", 33.25).put("key", "0f");
    return timing
        .put("wall_seconds", 3_720)
        .put("cpu", "a made-up CPU")
        .put("train_seconds", 30.5)
        .put("process_seconds", 33.25)
        .put("cores", 2)
        .put("java", "17");
  }

  /** In [-1, 1], the same for the same text. */
  private static double noise(String text) {
    return new Random(text.hashCode() * 31L).nextDouble() * 2 - 1;
  }
}
