package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a study found over the sizes of the model: figures, runs, claims, laws. */
final class SizeSection {
  private final ResultView view;
  private final ResultTables tables;
  private final ClaimSection claims;

  SizeSection(ResultView view, ResultTables tables, ClaimSection claims) {
    this.view = view;
    this.tables = tables;
    this.claims = claims;
  }

  private static boolean isOfSizes(Claim claim) {
    return claim.primary().stream()
        .flatMap(test -> test.contrasts().stream())
        .flatMap(contrast -> contrast.weights().keySet().stream())
        .anyMatch(group -> group.startsWith("size "));
  }

  /** Empty where the study did not ask. */
  Optional<Section> section() {
    if (view.groups(StudyQuestion.SIZE).isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(introduction()));
    blocks.addAll(
        new ParameterFigures(
                view,
                StudyQuestion.SIZE,
                view::parameters,
                "size",
                "From the smallest to the largest",
                "parameters of the model (log)")
            .blocks());
    claims.verdicts("Claims about the size", SizeSection::isOfSizes).ifPresent(blocks::add);
    forgetting(blocks);
    blocks.add(
        new TableBlock(
            "Mean over seeds ± standard deviation of seeds", tables.groups(StudyQuestion.SIZE)));
    SizeScaling laws = new SizeScaling(view);
    if (!laws.isEmpty()) {
      blocks.addAll(laws.blocks());
    }
    return Optional.of(new Section("size", "Size of the model", blocks));
  }

  /**
   * Forgetting by itself: claim 6c compares runs of several stages with runs of one source, which
   * holds what mixing taught as well as what was forgotten.
   */
  private void forgetting(List<Block> blocks) {
    List<String> staged =
        view.groups(StudyQuestion.SIZE).stream()
            .filter(group -> view.cells(group).get(0).path("stages").size() > 1)
            .toList();
    if (staged.isEmpty()) {
      return;
    }
    List<String> mixed = staged.stream().filter(each -> each.endsWith("mixed-sequential")).toList();
    List<String> parts = new ArrayList<>();
    if (mixed.size() > 1) {
      StageChanges.difference(view, mixed.get(mixed.size() - 1), mixed.get(0))
          .forEach(
              (source, found) -> {
                if (!view.isGeneral(source)) {
                  parts.add(source + " " + EffectText.withInterval(found));
                }
              });
    }
    blocks.add(
        new Paragraph(
            "Claim 6c was registered on mixed-sequential against the source alone, as the paper's"
                + " table has it: how much is kept beside what one source teaches. Forgetting by"
                + " itself is what the last stage changed; that contrast was added after the"
                + " registration and is secondary."
                + (parts.isEmpty()
                    ? ""
                    : " The largest model's change over the smallest's, in mixed-sequential: %s; below"
                            .formatted(String.join(", ", parts))
                        + " × 1 the larger forgets less.")));
    blocks.add(StageChanges.table(view, staged));
  }

  private String introduction() {
    String models =
        view.sizes().entrySet().stream()
            .map(
                size ->
                    Units.format("%s, %s parameters", size.getKey(), Units.count(size.getValue())))
            .collect(Collectors.joining("; "));
    double share = view.json().at("/sizes/share").asDouble();
    return ("The same runs of models of several sizes, with the same data and settings: %s."
            + " Mixed-sequential and DMT have %s. Bands are 95 %% intervals over seeds and"
            + " problems, where there are three seeds; some studies score fewer seeds than they"
            + " train.")
        .formatted(models, share == 1 ? "all data" : Share.text(share) + " of all data");
  }
}
