package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seeds that are added to a study, and how many would decide what. */
class MoreSeedsTest {
  @TempDir private Path root;

  @Test
  void undecidedClaimsSayHowManySeedsWouldDecide() throws IOException {
    Table table = MoreSeeds.of(MadeUpStudy.write(root));
    assertEquals(23, table.rows().size());
    for (List<String> row : table.rows()) {
      String expected =
          switch (row.get(1)) {
            case "supported", "contradicted" -> "decided";
            case "inconclusive" -> "[0-9]+|no number";
            default -> "-|unknown: one seed|[0-9]+|no number";
          };
      assertTrue(row.get(4).matches(expected), row::toString);
    }
    assertTrue(table.rows().stream().anyMatch(row -> row.get(4).equals("decided")));
  }

  @Test
  void aStudyWithoutResultsHasNoVariances() {
    assertThrows(ConfigException.class, () -> MoreSeeds.of(new StudyFolder(root)));
  }

  /**
   * Asked for more, a study gets more, and remembers what was seen; asked for fewer, it keeps them.
   */
  @Test
  void seedsAreAddedAndEarlierLooksAreKept() throws IOException {
    StudyFolder folder = new StudyFolder(root);
    begin(folder, 3);
    assertEquals(List.of(), begin(folder, 4).earlierSeeds(), "nothing was seen yet");
    Files.writeString(folder.results(), "{}");
    StudySetup more = begin(folder, 6);
    assertEquals(6, more.study().seeds());
    assertEquals(List.of(4), more.earlierSeeds());
    StudySetup again = begin(folder, 3);
    assertEquals(6, again.study().seeds());
    assertEquals(List.of(4), again.earlierSeeds());
    assertEquals(again, StudySetup.read(folder));
  }

  private static StudySetup begin(StudyFolder folder, int seeds) throws IOException {
    StudyDefinition tiny = StudyPresets.read("tiny", List.of("seeds=" + seeds));
    StudySetup setup = StudySetup.of(folder, StudyWorld.place(tiny, folder), 1);
    Registration.keep(folder);
    setup.remember(folder);
    return setup;
  }

  @Test
  void theRegistrationIsTheOneThatTheStudyBeganWith() throws IOException {
    StudyFolder folder = new StudyFolder(root);
    begin(folder, 3);
    assertTrue(Registration.of(folder).kept());
    assertEquals(Registration.packaged().sha256(), Registration.of(folder).sha256());
    Path file = root.resolve("registration.yaml");
    Files.writeString(file, Files.readString(file).replace("least_seeds: 3", "least_seeds: 9"));
    begin(folder, 3);
    assertEquals(9, Registration.of(folder).plan().leastSeeds());
    assertTrue(!Registration.of(folder).isPackaged());
  }
}
