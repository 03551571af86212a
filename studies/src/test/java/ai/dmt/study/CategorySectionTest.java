package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Figure;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ratings by category: the paper's radars. */
class CategorySectionTest {
  private static JsonNode results(String... cells) throws IOException {
    return new ObjectMapper()
        .readTree(
            """
            {"sources": ["general"], "benchmarks": {"mtbench": {"source": "general",
             "scores": ["average"]}}, "base": {}, "cells": [%s]}
            """
                .formatted(String.join(",", cells)));
  }

  private static String cell(String group, int seed, double writing, double math, double roleplay) {
    return """
        {"group": "%s", "question": "strategies", "seed": %s, "scores": {"mtbench": [
         {"name": "turn 1", "score": 3}, {"name": "average", "score": 4},
         {"name": "writing", "score": %s}, {"name": "math", "score": %s},
         {"name": "roleplay", "score": %s},
         {"name": "repeat 1", "score": 4}, {"name": "sd of repeats", "score": 0.0%s}]}}
        """
        .formatted(group, seed, writing, math, roleplay, seed);
  }

  @Test
  void eachCategoryIsASpokeWithACornerForEachStrategy() throws IOException {
    JsonNode results =
        results(
            cell("multi-task", 1, 5, 2, 3),
            cell("multi-task", 2, 6, 2, 3),
            cell("sequential", 1, 7, 1.5, 3));
    Section section = new CategorySection(new ResultView(results)).section().orElseThrow();
    Figure figure = ((Figures) section.blocks().get(1)).figures().get(0);
    assertEquals(List.of("writing", "math", "roleplay"), figure.x().categories());
    assertEquals(Figure.Style.RADAR, figure.style());
    assertEquals(
        List.of("multi-task", "sequential"), figure.series().stream().map(s -> s.name()).toList());
    assertEquals(5.5, figure.series().get(0).points().get(0).y());
    assertEquals(5, figure.series().get(0).points().get(0).low());
    assertTrue(figure.caption().contains("writing: by 1.50 points"), figure.caption());
    HeatTable table = (HeatTable) section.blocks().get(2);
    assertEquals(List.of("multi-task", "5.50", "2.00", "3.00"), table.table().rows().get(0));
    assertEquals(List.of(1.0, 0.0), table.shades().get(0).subList(1, 3));
    String text = ((Paragraph) section.blocks().get(0)).text();
    assertTrue(text.contains("repeats, each a mean over all questions, is 0.010 to 0.020"), text);
  }

  @Test
  void withoutCategoriesThereIsNoSection() throws IOException {
    assertTrue(new CategorySection(new ResultView(results())).section().isEmpty());
  }
}
