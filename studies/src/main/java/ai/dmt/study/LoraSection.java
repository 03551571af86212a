package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Tested;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a study found with adapters of several ranks, beside all weights: does rank act like size?
 */
final class LoraSection {
  private static final int LEAST_SEEDS = 3; // of an interval: two say next to nothing

  /** A claim about ranks, and the one about sizes that has the same contrast. */
  private static final Map<String, String> OF_SIZE = new LinkedHashMap<>();

  static {
    OF_SIZE.put("L4a", "6a");
    OF_SIZE.put("L4b", "6b");
    OF_SIZE.put("L4c", "6c");
  }

  private final ResultView view;
  private final ResultTables tables;
  private final List<Claim> claims;
  private final ClaimSection tested;

  LoraSection(ResultView view, ResultTables tables, List<Claim> claims, ClaimSection tested) {
    this.view = view;
    this.tables = tables;
    this.claims = claims;
    this.tested = tested;
  }

  /** Empty where the study did not ask. */
  Optional<Section> section() {
    if (view.groups(StudyQuestion.LORA).isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(introduction()));
    words().ifPresent(words -> blocks.add(new Paragraph(words)));
    blocks.addAll(
        new ParameterFigures(
                view,
                StudyQuestion.LORA,
                this::trained,
                "lora",
                "From the smallest rank to all weights",
                "trained parameters (log): the ranks, then all weights")
            .blocks());
    tested
        .verdicts("Claims about adapters, beyond the paper", claim -> !claim.isOfPaper())
        .ifPresent(blocks::add);
    blocks.add(
        new TableBlock(
            "What the paper found, with all weights and with each rank. Effects are ratios of"
                + " held-out losses, the mean over abilities, each with its own 95 % interval",
            byRank()));
    blocks.add(
        new TableBlock(
            "Rank beside size: the same contrasts for a doubling of the adapter's rank and of the"
                + " model's parameters. Like size is a rank whose effect surely has the direction that"
                + " size's surely has",
            besideSize()));
    blocks.add(StageChanges.table(view, staged()));
    blocks.add(
        new FoldedTable(
            "The last stage's change with adapters over that with all weights, of the same run:"
                + " below × 1 the adapter forgets less or repairs more",
            lastStages()));
    blocks.add(new FoldedTable("Losses with adapters over those with all weights", besideFull()));
    blocks.add(
        new TableBlock(
            "Mean over seeds ± standard deviation of seeds", tables.groups(StudyQuestion.LORA)));
    return Optional.of(new Section("lora", "Adapters (LoRA)", blocks));
  }

  private String introduction() {
    String ranks =
        view.loraRanks().entrySet().stream()
            .map(
                each ->
                    Units.format(
                        "rank %s, %s parameters", each.getKey(), Units.count(each.getValue())))
            .collect(Collectors.joining("; "));
    List<String> rates = new ArrayList<>();
    view.json().at("/lora/ranks").forEach(each -> rates.add(each.path("learning_rate").asText()));
    double share = share();
    return ("The same runs with all weights trained (%s parameters) and with adapters beside all"
            + " matrices of the decoder blocks, alpha twice the rank: %s. Adapters have learning"
            + " rates of their own, %s, and all else of the recipe; the stages of a sequence train one"
            + " adapter. Sequential, mixed-sequential and DMT have %s. Bands are 95 %% intervals over"
            + " seeds and problems, where there are three seeds.")
        .formatted(
            Units.count(view.json().path("parameters").asLong()),
            ranks,
            String.join(", ", rates),
            share == 1 ? "all data" : Share.text(share) + " of all data");
  }

  private double share() {
    return view.json().at("/lora/share").asDouble();
  }

  /** The claims as sentences. */
  private Optional<String> words() {
    List<String> parts = new ArrayList<>();
    for (Claim claim : claims) {
      if (!claim.isOfPaper() && claim.primary().isPresent()) {
        parts.add(
            "that %s is %s (%s: %s)"
                .formatted(
                    claim.text(),
                    claim.verdict().text(),
                    claim.id(),
                    EffectText.withInterval(claim.primary().get())));
      }
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("With adapters: %s.".formatted(String.join("; ", parts)));
  }

  /** All weights, then rank after rank. */
  private List<Integer> ranks() {
    List<Integer> ranks = new ArrayList<>(List.of(LoraRecipe.FULL));
    ranks.addAll(view.loraRanks().keySet());
    return ranks;
  }

  private static String readable(int rank) {
    return rank == LoraRecipe.FULL ? "all weights" : "rank " + rank;
  }

  private Table byRank() {
    double top = last(view.loraAmounts());
    double low = view.loraAmounts().get(0);
    String dmt = "dmt k=" + Share.text(view.headlineK());
    List<String> header =
        List.of(
            "trained",
            "mixture over source alone, %s of the data".formatted(Share.text(low)),
            "the same, %s".formatted(Share.text(top)),
            "specialized: sequential over alone",
            "specialized: DMT over sequential",
            "general: DMT over mixed-sequential");
    List<List<String>> rows = new ArrayList<>();
    for (int rank : ranks()) {
      Function<Double, Function<Metric, Map<String, Double>>> conflict =
          amount ->
              metric ->
                  Comparisons.difference(
                      RepeatedCells.mixed(LoraRecipe.name(rank), amount),
                      RepeatedCells.alone(LoraRecipe.name(rank), metric.source(), amount));
      String sequential = RepeatedCells.staged(LoraRecipe.name(rank), "sequential");
      String mixed = RepeatedCells.staged(LoraRecipe.name(rank), "mixed-sequential");
      String replayed = RepeatedCells.staged(LoraRecipe.name(rank), dmt);
      rows.add(
          List.of(
              readable(rank),
              effect(losses(source -> true), conflict.apply(low)),
              effect(losses(source -> true), conflict.apply(top)),
              effect(
                  losses(source -> !view.isGeneral(source)),
                  metric ->
                      Comparisons.difference(
                          sequential,
                          RepeatedCells.alone(LoraRecipe.name(rank), metric.source(), share()))),
              effect(
                  losses(source -> !view.isGeneral(source)),
                  metric -> Comparisons.difference(replayed, sequential)),
              effect(losses(view::isGeneral), metric -> Comparisons.difference(replayed, mixed))));
    }
    return new Table(header, rows);
  }

  private List<Metric> losses(Predicate<String> some) {
    return view.metrics().stream()
        .filter(metric -> metric.isLoss() && some.test(metric.source()))
        .toList();
  }

  private String effect(List<Metric> metrics, Function<Metric, Map<String, Double>> weights) {
    return Comparisons.of(view, metrics, weights)
        .map(EffectText::withInterval)
        .orElse(EffectText.NONE);
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  /** Of the claims whose contrast is one about sizes, too. */
  private Table besideSize() {
    List<Long> sizes = List.copyOf(view.sizes().values());
    List<Integer> ranks = List.copyOf(view.loraRanks().keySet());
    double doublings = ranks.size() < 2 ? 1 : log2((double) last(ranks) / ranks.get(0));
    double ofSizes = sizes.size() < 2 ? 1 : log2((double) last(sizes) / sizes.get(0));
    List<List<String>> rows = new ArrayList<>();
    OF_SIZE.forEach(
        (id, other) -> {
          Optional<Tested> rank = primary(id).flatMap(test -> scaled(test, doublings));
          Optional<Tested> size = primary(other).flatMap(test -> scaled(test, ofSizes));
          String text =
              claims.stream()
                  .filter(claim -> claim.id().equals(id))
                  .map(Claim::text)
                  .findFirst()
                  .orElse("");
          rows.add(
              List.of(
                  id + ", " + other,
                  text,
                  rank.map(EffectText::withInterval).orElse(EffectText.NONE),
                  size.map(EffectText::withInterval).orElse("not asked: dmt study size"),
                  rank.isPresent() && size.isPresent()
                      ? likeness(rank.get(), size.get())
                      : EffectText.NONE));
        });
    return new Table(
        List.of(
            "claims",
            "what is asked",
            "a doubling of rank [95 %]",
            "a doubling of size [95 %]",
            "does rank act like size?"),
        rows);
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }

  private Optional<Tested> primary(String id) {
    return claims.stream()
        .filter(claim -> claim.id().equals(id))
        .flatMap(claim -> claim.primary().stream())
        .findFirst();
  }

  /** The same contrast as a part of it. */
  private Optional<Tested> scaled(Tested test, double parts) {
    List<Contrast> contrasts = new ArrayList<>();
    for (Contrast contrast : test.contrasts()) {
      Map<String, Double> weights = new LinkedHashMap<>();
      contrast.weights().forEach((group, weight) -> weights.put(group, weight / parts));
      contrasts.add(new Contrast(contrast.metric(), weights));
    }
    return Contrast.mean(contrasts, view)
        .map(effect -> new Tested(contrasts, test.expected(), test.margin(), effect));
  }

  /** By the two intervals alone: neither is corrected for the other. */
  static String likeness(Tested rank, Tested size) {
    if (rank.effect().seeds() < LEAST_SEEDS || size.effect().seeds() < LEAST_SEEDS) {
      return "not decided: fewer than three seeds";
    }
    int one = direction(rank);
    int other = direction(size);
    if (one == 0 || other == 0) {
      String which = one == 0 && other == 0 ? "either" : one == 0 ? "rank" : "size";
      return "not decided: the interval of %s has × 1".formatted(which);
    }
    return one == other ? "yes, the same direction" : "no, the opposite direction";
  }

  private static int direction(Tested test) {
    Optional<Interval> interval = test.effect().interval();
    return interval.filter(found -> found.low() > 0).isPresent()
        ? 1
        : interval.filter(found -> found.high() < 0).isPresent() ? -1 : 0;
  }

  private List<String> staged() {
    return view.groups(StudyQuestion.LORA).stream()
        .filter(group -> view.cells(group).get(0).path("stages").size() > 1)
        .toList();
  }

  private Table lastStages() {
    List<List<String>> rows = new ArrayList<>();
    for (String group : staged()) {
      int rank = rank(group);
      if (rank != LoraRecipe.FULL) {
        Map<String, Tested> found = StageChanges.difference(view, group, ofFull(group, rank));
        rows.add(row(group, found));
      }
    }
    return new Table(header(), rows);
  }

  private Table besideFull() {
    List<List<String>> rows = new ArrayList<>();
    for (String group : view.groups(StudyQuestion.LORA)) {
      int rank = rank(group);
      if (rank != LoraRecipe.FULL) {
        Map<String, Tested> found = new LinkedHashMap<>();
        for (Metric loss : losses(source -> true)) {
          Comparisons.of(view, loss, group, ofFull(group, rank))
              .ifPresent(each -> found.put(loss.source(), each));
        }
        rows.add(row(group, found));
      }
    }
    return new Table(header(), rows);
  }

  private List<String> header() {
    List<String> header = new ArrayList<>(List.of("run"));
    view.sources().forEach(source -> header.add(source + " [95 %]"));
    return header;
  }

  private List<String> row(String group, Map<String, Tested> bySource) {
    List<String> row = new ArrayList<>(List.of(view.readable(group)));
    for (String source : view.sources()) {
      row.add(
          Optional.ofNullable(bySource.get(source))
              .map(EffectText::withInterval)
              .orElse(EffectText.NONE));
    }
    return row;
  }

  private int rank(String group) {
    return view.cells(group).get(0).path("lora_rank").asInt();
  }

  private static String ofFull(String group, int rank) {
    return group.replace(LoraRecipe.name(rank), LoraRecipe.name(LoraRecipe.FULL));
  }

  private double trained(JsonNode cell) {
    long all = view.json().path("parameters").asLong();
    return view.loraRanks().getOrDefault(cell.path("lora_rank").asInt(), all);
  }
}
