package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.evaluators.statistics.Holm;
import ai.dmt.report.Share;
import ai.dmt.study.Claim.Tested;
import ai.dmt.study.Claim.Verdict;
import ai.dmt.study.Registration.Abilities;
import ai.dmt.study.Registration.RegisteredClaim;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The registered claims of a study, each by one test of its primary measure, all together at the
 * registration's level; and the same contrasts in all other measures.
 */
final class Claims {
  private static final String EACH_RANK = "{rank}";

  private final ResultView view;
  private final Registration registration;
  private final Map<String, String> places;

  private Claims(ResultView view, Registration registration) {
    this.view = view;
    this.registration = registration;
    this.places = places(view);
  }

  static List<Claim> of(ResultView view, Registration registration) {
    Claims claims = new Claims(view, registration);
    // Those beyond the paper are no claims of a study that has none of their runs.
    boolean adapters = !view.groups(StudyQuestion.LORA).isEmpty();
    List<Claim> untested =
        registration.plan().claims().stream()
            .filter(claim -> adapters || !claim.isAboutAdapters())
            .map(claims::untested)
            .toList();
    return claims.judged(untested);
  }

  /** What stands for the placeholders of contrasts; those that a small grid lacks are left out. */
  private static Map<String, String> places(ResultView view) {
    Map<String, String> places = new LinkedHashMap<>();
    List<Double> amounts = view.amounts();
    if (amounts.size() > 1) {
      put(places, "low", amounts.get(0));
      put(places, "top", amounts.get(amounts.size() - 1));
    }
    if (amounts.size() > 2) {
      put(places, "second", amounts.get(1));
      put(places, "below", amounts.get(amounts.size() - 2));
    }
    List<Double> ratios = view.ratios();
    if (ratios.size() > 1) {
      put(places, "r_low", ratios.get(0));
      put(places, "r_top", ratios.get(ratios.size() - 1));
    }
    put(places, "k", view.headlineK());
    List<Double> k = view.dmtK().stream().filter(each -> each > 0 && each < 1).toList();
    if (k.size() > 1) {
      put(places, "k_low", k.get(0));
      put(places, "k_high", k.get(k.size() - 1));
    }
    List<String> sizes = List.copyOf(view.sizes().keySet());
    if (sizes.size() > 1) {
      places.put("{small}", sizes.get(0));
      places.put("{large}", sizes.get(sizes.size() - 1));
      List<Double> ofSizes = view.sizeAmounts();
      put(places, "s_low", ofSizes.get(0));
      put(places, "s_top", ofSizes.get(ofSizes.size() - 1));
      put(places, "s_share", view.json().at("/sizes/share").asDouble());
    }
    List<Integer> ranks = List.copyOf(view.loraRanks().keySet());
    if (ranks.size() > 1) {
      places.put("{rank_small}", Integer.toString(ranks.get(0)));
      places.put("{rank_large}", Integer.toString(ranks.get(ranks.size() - 1)));
      List<Double> ofRanks = view.loraAmounts();
      put(places, "l_low", ofRanks.get(0));
      put(places, "l_top", ofRanks.get(ofRanks.size() - 1));
      put(places, "l_share", view.json().at("/lora/share").asDouble());
    }
    return places;
  }

  private static void put(Map<String, String> places, String name, double share) {
    places.put("{" + name + "}", Share.text(share));
  }

  private Claim untested(RegisteredClaim claim) {
    List<String> sources = sources(claim.abilities());
    List<Contrast> primary = new ArrayList<>();
    List<Tested> secondary = new ArrayList<>();
    for (String source : sources) {
      Optional<Map<String, Double>> weights = weights(claim, source);
      if (weights.isPresent()) {
        Optional<Metric> measure = primary(source);
        measure.ifPresent(metric -> primary.add(new Contrast(metric, weights.get())));
        for (Metric metric : view.metrics(source)) {
          tested(claim, List.of(new Contrast(metric, weights.get()))).ifPresent(secondary::add);
        }
      }
    }
    Optional<Tested> test =
        primary.isEmpty() || primary.size() < sources.size()
            ? Optional.empty()
            : tested(claim, primary);
    return new Claim(
        claim.id(), claim.text(), claim.expects(), test, secondary, Double.NaN, Verdict.NOT_ASKED);
  }

  private Optional<Tested> tested(RegisteredClaim claim, List<Contrast> contrasts) {
    Optional<Effect> effect = Contrast.mean(contrasts, view);
    double margin = registration.margin(contrasts.get(0).metric());
    return effect.map(found -> new Tested(contrasts, claim.expects(), margin, found));
  }

  private List<String> sources(Abilities abilities) {
    List<String> general =
        StreamSupport.stream(view.json().path("general").spliterator(), false)
            .map(name -> name.asText())
            .toList();
    return switch (abilities) {
      case ALL -> view.sources();
      case GENERAL -> general;
      case SPECIALIZED -> view.sources().stream().filter(name -> !general.contains(name)).toList();
    };
  }

  /** The first of the registered kind: the first score that the study names. */
  private Optional<Metric> primary(String source) {
    Registration.Kind kind = registration.primary(view.isOfWorld());
    return view.metrics(source).stream()
        .filter(metric -> Registration.kind(metric) == kind)
        .findFirst();
  }

  /** Empty where the grid lacks a share. */
  private Optional<Map<String, Double>> weights(RegisteredClaim claim, String source) {
    Map<String, Double> weights = new LinkedHashMap<>();
    claim
        .contrast()
        .forEach(
            (group, weight) -> {
              String name = group.replace("{source}", source);
              for (Map.Entry<String, String> place : places.entrySet()) {
                name = name.replace(place.getKey(), place.getValue());
              }
              addOver(view.loraRanks().keySet(), name, weight, weights);
            });
    boolean known = weights.keySet().stream().noneMatch(group -> group.contains("{"));
    return known ? Optional.of(weights) : Optional.empty();
  }

  /** The mean over ranks, where a group is of each. */
  private static void addOver(
      Set<Integer> ranks, String name, double weight, Map<String, Double> weights) {
    if (ranks.isEmpty() || !name.contains(EACH_RANK)) {
      weights.merge(name, weight, Double::sum);
      return;
    }
    for (int rank : ranks) {
      weights.merge(
          name.replace(EACH_RANK, Integer.toString(rank)), weight / ranks.size(), Double::sum);
    }
  }

  /** Verdicts of all that have seeds enough, corrected for being several. */
  private List<Claim> judged(List<Claim> claims) {
    List<Tested> tests =
        claims.stream().flatMap(claim -> claim.primary().stream()).filter(this::counts).toList();
    double[] adjusted = Holm.adjust(tests.stream().mapToDouble(Tested::pValue).toArray());
    List<Claim> judged = new ArrayList<>();
    for (Claim claim : claims) {
      int number = claim.primary().map(tests::indexOf).orElse(-1);
      double corrected = number < 0 ? Double.NaN : adjusted[number];
      Verdict verdict =
          number >= 0
              ? tests.get(number).verdict(corrected, registration.plan().level())
              : claim.primary().isPresent() ? Verdict.ESTIMATE : Verdict.NOT_ASKED;
      judged.add(
          new Claim(
              claim.id(),
              claim.text(),
              claim.expected(),
              claim.primary(),
              claim.secondary(),
              corrected,
              verdict));
    }
    return judged;
  }

  private boolean counts(Tested test) {
    return test.effect().seeds() >= registration.plan().leastSeeds();
  }

  /** How strict the first of Holm's steps is: a level at which every claim is decided alone. */
  static double strictest(List<Claim> claims, Registration registration) {
    long tests =
        claims.stream()
            .flatMap(claim -> claim.primary().stream())
            .filter(test -> test.effect().seeds() >= registration.plan().leastSeeds())
            .count();
    return registration.plan().level() / Math.max(1, tests);
  }
}
