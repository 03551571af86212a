package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import ai.dmt.world.WorldKind;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a reader must know before the first number: of what, by what, on what. */
final class Provenance {
  private static final int SHORT = 12; // letters of a digest that people compare

  private Provenance() {}

  /** Which paper, in what world. */
  static String title(JsonNode results) {
    return "Fine-tuning data composition (arXiv 2310.05492), %s: study %s"
        .formatted(
            ResultView.isOfWorld(results)
                ? "asked again in a synthetic world"
                : "asked again of other models and data",
            results.path("study").asText());
  }

  static String text(JsonNode results, JsonNode timing, Registration registration) {
    List<String> sentences = new ArrayList<>();
    JsonNode world = results.path("world");
    long parameters = results.path("parameters").asLong();
    int sizes = results.at("/sizes/models").size();
    String size =
        parameters == 0
            ? ""
            : " The base model has %s parameters%s."
                .formatted(
                    Units.count(parameters),
                    sizes < 2 ? "" : ", in the question of size also others");
    if (world.path("kind").asText().equals(WorldKind.OFFICE.text())) {
      sentences.add(
          "Synthetic: the data are dmt's bundled world of an office (seed %s, %s of its rows)."
                  .formatted(world.path("seed").asText(), scale(world.path("scale").asDouble()))
              + size);
    } else if (world.isObject()) {
      sentences.add(
          "Synthetic: the data and all problems are dmt's bundled world (seed %s, %s of the paper's rows),"
                  .formatted(world.path("seed").asText(), scale(world.path("scale").asDouble()))
              + " which only has the form of GSM8K, Code Alpaca with HumanEval, and ShareGPT with"
              + " MT-Bench; answers to chat are rated by rules, by no judge model."
              + size);
    } else {
      sentences.add("Data and problems are files of the user's own." + size);
    }
    List<String> seeds = new ArrayList<>();
    results.path("seeds").forEach(seed -> seeds.add(seed.asText()));
    if (!results.path("cells").isEmpty()) {
      sentences.add(
          "%s; seeds %s.".formatted(RunCounts.of(results).text(), String.join(", ", seeds)));
    }
    sentences.add(made(results, timing));
    sentences.add("Registration %s.".formatted(registration.shortHash()));
    return String.join(" ", sentences);
  }

  private static String made(JsonNode results, JsonNode timing) {
    String sources = results.at("/versions/dmt_sources").asText();
    List<String> parts = new ArrayList<>(List.of(results.at("/versions/dmt").asText()));
    String commit = results.at("/versions/dmt_commit").asText();
    if (!commit.isEmpty()) {
      boolean changed = commit.endsWith("-dirty");
      parts.add(
          "commit %s%s"
              .formatted(
                  commit.substring(0, Math.min(SHORT, commit.length())),
                  changed ? " with changes" : ""));
    }
    if (!sources.isEmpty()) {
      parts.add("sources " + sources.substring(0, Math.min(SHORT, sources.length())));
    }
    if (timing.has("command")) {
      parts.add("started by \"%s\"".formatted(timing.path("command").asText()));
    }
    String cores = timing.path("cores").asText() + " cores";
    parts.add(timing.has("cpu") ? "%s of %s".formatted(cores, timing.path("cpu").asText()) : cores);
    if (timing.has("wall_seconds")) {
      parts.add(SummarySection.time(timing.path("wall_seconds").asDouble()));
    }
    return "Made by " + String.join(", ", parts) + ".";
  }

  private static String scale(double scale) {
    return Share.text(scale);
  }
}
