package ai.dmt.advise;

import ai.dmt.conflict.DataOverlap;
import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes advice: as a recipe that {@code dmt train} trains, and as JSON; see docs/advise.md. */
final class AdviceFiles {
  static final String RECIPE = "recipe.yaml";
  static final String JSON_FILE = "advice.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private AdviceFiles() {}

  static void write(Path folder, Recipe recipe, AdviceReport report) throws IOException {
    Advice advice = report.advice();
    WholeFile.replace(folder.resolve(RECIPE), RecipeWriter.yaml(recipe(recipe, advice)));
    ObjectNode root = json(advice);
    AdviceCheck.Result check = report.check();
    if (check != null) {
      ObjectNode node = root.putObject("check");
      node.put("best", check.best().text()).put("cost", check.cost());
      check.regrets().forEach(node.putObject("regret")::put);
      check.coverage().forEach(node.putObject("coverage")::put);
      check.scoreCoverage().forEach(node.putObject("score_coverage")::put);
      ObjectNode transfer = node.putObject("transfer");
      for (String ability : advice.space().sources().keySet()) {
        ObjectNode row = transfer.putObject(ability);
        for (String source : advice.space().sources().keySet()) {
          row.put(source, check.all().transfer(ability, source));
        }
      }
    }
    AdviceComparison comparison = report.comparison();
    if (comparison != null) {
      put(root.putObject("comparison"), comparison);
    }
    WholeFile.replace(folder.resolve(JSON_FILE), root.toPrettyString() + "\n");
  }

  /** By factors of the recipe's rate. */
  private static void put(ObjectNode node, LearningRateScale scale) {
    node.put("factor", scale.factor()).put("gain", scale.gain()).put("open", scale.isOpen());
    ArrayNode tried = node.putArray("tried");
    for (LearningRateScale.Tried each : scale.tried()) {
      ObjectNode own = tried.addObject();
      own.put("factor", each.factor()).put("mean_of_logs", each.value()).put("kept", each.kept());
      each.run().heldOut().forEach(own.putObject("held_out")::put);
    }
  }

  /** Logarithms of losses, and how much higher they are than the advised mixture's. */
  private static void put(ObjectNode node, AdviceComparison comparison) {
    comparison
        .losses()
        .forEach(
            (mixture, losses) -> {
              ObjectNode own = node.putObject(mixture);
              losses.forEach(
                  (source, seeds) -> {
                    ObjectNode of = own.putObject(source);
                    seeds.forEach(of.putArray("log_losses")::add);
                    Effect apart = comparison.difference(mixture, source);
                    of.put("difference", apart.estimate());
                    apart
                        .interval()
                        .ifPresent(
                            interval ->
                                of.putArray("interval").add(interval.low()).add(interval.high()));
                  });
            });
  }

  /** The recipe that was asked about, with what is advised in place of its strategy. */
  static Recipe recipe(Recipe asked, Advice advice) {
    String strategy = RecipeWriter.json(advice.recommended().strategy()).toString();
    List<String> changes = new ArrayList<>();
    changes.add("strategy=" + strategy);
    changes.add("description=\"advised: %s\"".formatted(advice.recommended().text()));
    if (advice.learningRate().isPresent()) {
      double rate = advice.learningRate().get().factor() * asked.training().learningRate();
      changes.add(Units.format("training.learning_rate=%.3g", rate));
      changes.add("training.min_lr=" + Math.min(asked.training().minLr(), rate));
    }
    return RecipeReader.parse(RecipeWriter.yaml(asked), "the advised recipe", changes);
  }

  private static ObjectNode json(Advice advice) {
    ObjectNode root = JSON.createObjectNode();
    root.put("tokens", advice.space().tokens());
    root.put("candidates", advice.space().candidates().size());
    root.put("cost_in_whole_runs", advice.cost());
    root.put("laws_hold", advice.forecasts().hold(advice.objective()));
    root.set("recommended", mixture(advice, advice.recommended()));
    ArrayNode alternatives = root.putArray("alternatives");
    advice.alternatives().forEach(plan -> alternatives.add(mixture(advice, plan)));
    ArrayNode undecided = root.putArray("undecided");
    advice.undecided().forEach(plan -> undecided.add(plan.text()));
    advice.next().ifPresent(plan -> root.put("next", plan.text()));
    advice.binding().forEach(root.putArray("binding")::add);
    ArrayNode front = root.putArray("front");
    advice
        .forecasts()
        .front(advice.space().candidates())
        .forEach(plan -> front.add(mixture(advice, plan)));
    ObjectNode tests = root.putObject("back_tests");
    advice
        .forecasts()
        .tests()
        .forEach(
            (ability, test) ->
                tests
                    .putObject(ability)
                    .put("explained", test.explained())
                    .put("error", test.error())
                    .put("deviations", test.deviations())
                    .put("holds", test.holds()));
    ObjectNode sources = root.putObject("sources");
    for (String name : advice.space().sources().keySet()) {
      ObjectNode source = sources.putObject(name);
      source.put("tokens", Present.in(advice.space().sizes(), name));
      source.put("base_loss", advice.forecasts().base(name));
      Optional.ofNullable(advice.facts().repeats().get(name))
          .ifPresent(share -> source.put("repeats", share));
    }
    ArrayNode overlaps = root.putArray("overlaps");
    for (DataOverlap each : advice.facts().overlaps()) {
      overlaps
          .addObject()
          .put("one", each.one())
          .put("other", each.other())
          .put("shared", each.shared())
          .put("ceiling", each.ceiling());
    }
    ObjectNode scores = root.putObject("score_laws");
    advice
        .forecasts()
        .scores()
        .forEach(
            (title, law) ->
                scores
                    .putObject(title)
                    .put("source", law.source())
                    .put("explained", law.explained())
                    .put("holds", law.holds()));
    advice.learningRate().ifPresent(scale -> put(root.putObject("learning_rate"), scale));
    ArrayNode runs = root.putArray("runs");
    for (MeasuredRun run : advice.runs()) {
      ObjectNode node = runs.addObject();
      node.put("mixture", run.plan().text()).put("tokens", run.plan().tokens());
      ObjectNode losses = node.putObject("held_out");
      run.heldOut().forEach(losses::put);
      ObjectNode scored = node.putObject("scores");
      run.scores().forEach(score -> scored.put(score.title(), score.value()));
    }
    return root;
  }

  private static ObjectNode mixture(Advice advice, MixturePlan plan) {
    ObjectNode node = JSON.createObjectNode();
    node.put("mixture", plan.text());
    node.put("kind", plan.kind());
    plan.replay().ifPresent(k -> node.put("k", k));
    ObjectNode shares = node.putObject("shares");
    advice.space().sources().keySet().forEach(source -> shares.put(source, plan.share(source)));
    ObjectNode epochs = node.putObject("epochs");
    advice
        .space()
        .sources()
        .keySet()
        .forEach(source -> epochs.put(source, advice.space().epochs(plan, source)));
    ObjectNode losses = node.putObject("held_out");
    for (String ability : advice.forecasts().abilities()) {
      if (advice.forecasts().knows(ability, plan)) {
        LossForecast loss = advice.forecasts().loss(ability, plan);
        losses
            .putObject(ability)
            .put("estimate", loss.estimate())
            .put("low", loss.low())
            .put("high", loss.high());
      }
    }
    ObjectNode scores = node.putObject("scores");
    advice
        .forecasts()
        .scores()
        .forEach(
            (title, law) -> {
              if (law.holds() || advice.forecasts().isMeasured(plan)) {
                ScoreLaw.Forecast score = advice.forecasts().score(title, plan);
                scores
                    .putObject(title)
                    .put("estimate", score.estimate())
                    .put("low", score.low())
                    .put("high", score.high());
              }
            });
    node.put("measured", advice.forecasts().isMeasured(plan));
    return node;
  }
}
