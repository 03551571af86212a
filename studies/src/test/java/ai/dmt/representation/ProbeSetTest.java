package ai.dmt.representation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.representation.Representations.Probes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Probes of states that were made up, with and without a direction for what queries ask for. */
class ProbeSetTest {
  private static final int SIZE = 24;
  private static final int OF_A_SOURCE = 60;
  private static final int GENERAL = 2;
  private static final List<String> SOURCES = List.of("math", "code", "general");

  /** A third of the general queries asks for math or code; every query begins in one of 30 ways. */
  private static Queries queries(Random random) {
    int count = SOURCES.size() * OF_A_SOURCE;
    int[] classes = new int[count];
    int[] abilities = new int[count];
    int[] openings = new int[count];
    List<int[]> prompts = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      classes[q] = q / OF_A_SOURCE;
      abilities[q] = classes[q] == GENERAL && q % 3 == 0 ? q % 2 : classes[q];
      openings[q] = random.nextInt(30);
      prompts.add(new int[] {q});
      ids.add("q" + q);
    }
    return new Queries(SOURCES, prompts, classes, abilities, openings, ids);
  }

  /**
   * Noise, and directions for source, ability and opening of these lengths. A query of the general
   * source is told from the others by its source as much as by what it asks for.
   */
  private static double[][] states(
      Queries queries, Random random, double source, double ability, double opening) {
    double[][] states = new double[queries.classes().length][SIZE + 30];
    for (int q = 0; q < states.length; q++) {
      for (int c = 0; c < states[q].length; c++) {
        states[q][c] = random.nextGaussian();
      }
      states[q][queries.classes()[q]] += source;
      states[q][3 + queries.abilities()[q]] += ability;
      states[q][SIZE + queries.openings()[q]] += opening;
    }
    return states;
  }

  private static Probes probes(long seed, double source, double ability, double opening) {
    Random random = new Random(seed);
    Queries queries = queries(random);
    return new ProbeSet(queries, seed).of(states(queries, random, source, ability, opening));
  }

  @Test
  void aDirectionForTheAbilityIsFoundAcrossSourcesAndSelective() {
    Probes probes = probes(1, 2, 8, 0);
    assertTrue(probes.ability() > 0.95, probes::toString);
    assertTrue(probes.across() > 0.6, probes::toString);
    assertTrue(probes.acrossP() < 0.01, probes::toString);
    assertTrue(probes.selectivity() - 2 * probes.selectivityError() > 0.3, probes::toString);
  }

  @Test
  void whoKnowsTheSourceAloneIsNeverRightAcrossSources() {
    Probes probes = probes(1, 8, 0, 0);
    assertEquals(1, probes.source(), 1e-12);
    assertTrue(probes.across() < 0.1, probes::toString);
    assertTrue(probes.acrossP() > 0.05, probes::toString);
  }

  @Test
  void whatKnowsQueriesByHeartIsNotSelective() {
    Probes probes = probes(1, 0, 0, 12);
    assertTrue(probes.control() > 0.8, probes::toString);
    assertTrue(probes.selectivity() < 0, probes::toString);
  }

  @Test
  void whereNothingIsThereNothingIsFound() {
    int across = 0;
    int selective = 0;
    for (long seed = 1; seed <= 60; seed++) {
      Probes probes = probes(seed, 0, 0, 0);
      across += probes.acrossP() <= 0.05 ? 1 : 0;
      selective += probes.selectivity() > 1.96 * probes.selectivityError() ? 1 : 0;
    }
    assertTrue(across <= 7, across + " of 60 across sources; 3 are expected");
    assertTrue(selective <= 5, selective + " of 60 selective; 1.5 are expected");
  }

  @Test
  void queriesWithoutTagsHaveNothingAcrossSources() {
    Random random = new Random(1);
    Queries all = queries(random);
    Queries plain =
        new Queries(
            all.sources(), all.prompts(), all.classes(), all.classes(), all.openings(), all.ids());
    Probes probes = new ProbeSet(plain, 1).of(states(plain, random, 8, 0, 0));
    assertTrue(Double.isNaN(probes.across()) && Double.isNaN(probes.acrossP()));
    assertEquals(probes.source(), probes.ability());
  }
}
