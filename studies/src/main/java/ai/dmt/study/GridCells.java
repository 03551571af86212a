package ai.dmt.study;

import ai.dmt.report.Share;
import ai.dmt.train.Corpus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Cells of the ratio x amount grid: so much of each specialized source and so much of each general
 * one, all at once. Where one kind has the share 0, the other is trained on alone.
 */
final class GridCells {
  private final StudyDefinition study;

  GridCells(StudyDefinition study) {
    this.study = study;
  }

  /** Such as "grid s=1/4 g=1/16". */
  static String group(double specialized, double general) {
    return "grid s=%s g=%s".formatted(Share.text(specialized), Share.text(general));
  }

  List<CellArm> arms() {
    List<CellArm> arms = new ArrayList<>();
    for (double specialized : study.grid().specialized()) {
      for (double general : study.grid().general()) {
        if (specialized > 0 || general > 0) {
          String setup = "s=" + Share.text(specialized);
          arms.add(
              CellArm.of(
                  group(specialized, general), setup, general, strategy(specialized, general)));
        }
      }
    }
    return arms;
  }

  private String strategy(double specialized, double general) {
    Map<String, Double> shares = new LinkedHashMap<>();
    study
        .recipe()
        .sources()
        .forEach(
            (name, source) ->
                shares.put(name, source.role() == Corpus.Role.GENERAL ? general : specialized));
    String sources =
        shares.entrySet().stream()
            .filter(source -> source.getValue() > 0)
            .map(source -> source.getKey() + ": " + source.getValue())
            .collect(Collectors.joining(", "));
    String name = specialized == 0 ? "general" : general == 0 ? "specialized" : "all";
    return "strategy={name: custom, stages: [{name: %s, sources: {%s}}]}".formatted(name, sources);
  }
}
