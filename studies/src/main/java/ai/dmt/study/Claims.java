package ai.dmt.study;

import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The claims of paper.md 4.6 as contrasts of groups, tested over seeds on every metric of the
 * ability that they speak of. Each test stands alone at 5 %; nothing corrects for their number.
 */
final class Claims {
  private final ResultView view;
  private final List<String> specialized;
  private final List<String> general;
  private final List<Claim> claims = new ArrayList<>();

  private Claims(ResultView view) {
    this.view = view;
    this.general =
        StreamSupport.stream(view.json().path("general").spliterator(), false)
            .map(name -> name.asText())
            .toList();
    this.specialized = view.sources().stream().filter(name -> !general.contains(name)).toList();
  }

  static List<Claim> of(ResultView view) {
    Claims all = new Claims(view);
    all.amounts();
    all.mixtures();
    all.ratios();
    all.strategies();
    all.replay();
    return List.copyOf(all.claims);
  }

  /** What is tested of a source's ability, before the numbers. */
  private record Plan(String source, Test test) {}

  private record Test(Contrast contrast, Claim.Expected expected) {}

  private void add(String id, String text, List<Plan> plans) {
    List<Claim.Tested> tests = new ArrayList<>();
    for (Plan plan : plans) {
      for (Metric metric : view.metrics(plan.source())) {
        Optional<Contrast.Estimate> effect = plan.test().contrast().of(view, metric);
        effect.ifPresent(
            found ->
                tests.add(
                    new Claim.Tested(
                        metric, plan.test().contrast(), plan.test().expected(), found)));
      }
    }
    claims.add(new Claim(id, text, tests));
  }

  private void amounts() {
    List<Double> k = view.amounts();
    double low = k.get(0);
    double top = k.get(k.size() - 1);
    add(
        "1a",
        "specialized abilities rise with their data",
        each(specialized, s -> more(amount(s, top), amount(s, low))));
    if (k.size() > 2) {
      add(
          "1b",
          "general ability jumps with the first step of data, then flattens",
          each(
              general,
              g ->
                  new Test(
                      Contrast.difference(amount(g, k.get(1)), amount(g, low))
                          .minus(
                              Contrast.difference(amount(g, top), amount(g, k.get(k.size() - 2)))),
                      Claim.Expected.MORE)));
    }
  }

  private void mixtures() {
    double low = view.amounts().get(0);
    double top = view.amounts().get(view.amounts().size() - 1);
    add(
        "2a",
        "with little data, a mixture beats each source alone",
        each(view.sources(), s -> more(mixed(low), amount(s, low))));
    add(
        "2b",
        "with all data, each source alone beats the mixture",
        each(view.sources(), s -> less(mixed(top), amount(s, top))));
  }

  private void ratios() {
    double low = view.amounts().get(0);
    double top = view.amounts().get(view.amounts().size() - 1);
    add(
        "3a",
        "the amount of its own data matters more to an ability than that of the other data",
        each(
            specialized,
            s ->
                new Test(
                    Contrast.difference(ratio("a", top), ratio("a", low))
                        .minus(Contrast.difference(ratio("b", top), ratio("b", low))),
                    Claim.Expected.MORE)));
    add(
        "3b",
        "the ratio matters little: other data changes an ability by no more than the margin",
        join(
            each(specialized, s -> same(ratio("b", top), ratio("b", low))),
            each(general, g -> same(ratio("a", top), ratio("a", low)))));
  }

  private void strategies() {
    String dmt = "dmt k=" + Share.text(view.headlineK());
    add(
        "4a",
        "multi-task keeps more of the specialized abilities than mixed-sequential does",
        each(specialized, s -> more("multi-task", "mixed-sequential")));
    add(
        "4b",
        "multi-task hurts the general ability",
        each(general, g -> less("multi-task", g + " only")));
    add(
        "4c",
        "sequential and mixed-sequential training forget specialized abilities",
        join(
            each(specialized, s -> less("sequential", s + " only")),
            each(specialized, s -> less("mixed-sequential", s + " only"))));
    add(
        "4d",
        "DMT brings specialized abilities back",
        each(specialized, s -> more(dmt, "mixed-sequential")));
    add(
        "4e",
        "DMT brings back more than half of what mixed-sequential lost",
        each(
            specialized,
            s ->
                new Test(
                    new Contrast(
                        dmt + " minus half way from mixed-sequential to " + s + " only",
                        Map.of(dmt, 1.0, "mixed-sequential", -0.5, s + " only", -0.5)),
                    Claim.Expected.MORE)));
    add(
        "4f",
        "DMT costs the general ability no more than the margin",
        each(
            general,
            g -> new Test(Contrast.difference(dmt, "mixed-sequential"), Claim.Expected.NOT_LESS)));
  }

  private void replay() {
    List<Double> k = view.dmtK().stream().filter(each -> each > 0 && each < 1).toList();
    if (k.size() < 2) {
      return;
    }
    double low = k.get(0);
    double high = k.get(k.size() - 1);
    add(
        "5a",
        "the first replayed data improves every ability",
        each(view.sources(), s -> more(sweep(low), sweep(0))));
    add(
        "5b",
        "more replayed data trades general for specialized abilities",
        join(
            each(specialized, s -> more(sweep(high), sweep(low))),
            each(general, g -> less(sweep(high), sweep(low)))));
    add(
        "5c",
        "with all data replayed, the general ability falls",
        each(general, g -> less(sweep(1), sweep(high))));
  }

  private static List<Plan> each(List<String> sources, Function<String, Test> test) {
    return sources.stream().map(source -> new Plan(source, test.apply(source))).toList();
  }

  private static List<Plan> join(List<Plan> some, List<Plan> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static Test more(String group, String other) {
    return new Test(Contrast.difference(group, other), Claim.Expected.MORE);
  }

  private static Test less(String group, String other) {
    return new Test(Contrast.difference(group, other), Claim.Expected.LESS);
  }

  private static Test same(String group, String other) {
    return new Test(Contrast.difference(group, other), Claim.Expected.SAME);
  }

  private static String amount(String source, double k) {
    return "amount %s k=%s".formatted(source, Share.text(k));
  }

  private static String mixed(double k) {
    return "mixed k=" + Share.text(k);
  }

  private static String ratio(String setup, double k) {
    return "ratio %s k=%s".formatted(setup, Share.text(k));
  }

  private static String sweep(double k) {
    return "k sweep k=" + Share.text(k);
  }
}
