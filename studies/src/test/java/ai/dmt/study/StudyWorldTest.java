package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.Turn;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.run.PreparedSources;
import ai.dmt.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled world and its base model as files of a study. */
class StudyWorldTest {
  private static final StudyDefinition TINY = StudyPresets.read("tiny", List.of());
  private static final StudyDefinition OFFICE = StudyPresets.read("office", List.of());

  private static final String MODEL =
      "27441f4dbd2398e78a24eb37233b1aad553085a71ea2c9aff5c92133caef2ff9";
  private static final Map<String, String> SOURCES =
      Map.of(
          "code",
          "6af268f63f4cc06f394e20633b3f82b329dde02996c70d5ce4b349a55c9b2298",
          "math",
          "18d465714c52d8b1e2590e296990f591bfa83ce2dd62dc529ee2c8df29eb0eb4",
          "general",
          "8cbd7b54b3a0f94d78665d884c3e9ace5c6c4c7a94c516025a84bb37ed3f1c9e");
  private static final Map<String, String> PROBLEMS =
      Map.of(
          "gsm8k",
          "e171eb0aa9014cc3d877951d65f64368550618141034e3c20483db3f85555176",
          "humaneval",
          "43f95dc31f0115a3898bea81615b92554942ecb18bed13cb5d6e33b6094ffb00",
          "mtbench",
          "27ab035d02dff56b84c54a2f29915ab31fee00c6de2fbcb4532b321e10d5cdc5");

  @TempDir private Path folder;

  private StudyDefinition place() throws IOException {
    return StudyWorld.place(TINY, new StudyFolder(folder));
  }

  @Test
  void filesAreThoseThatTheShippedNumbersWereMeasuredOn() throws IOException {
    StudyHashes hashes = StudyHashes.of(place());
    assertEquals(MODEL, hashes.model());
    assertEquals(SOURCES, hashes.sources());
    assertEquals(PROBLEMS, hashes.benchmarks());
  }

  /** What a template writes are pieces of their own, as SentencePiece finds them. */
  @Test
  void wordsOfTheTemplateAreOneTokenEach() throws IOException {
    place();
    try (Tokenizer tokenizer = Tokenizer.load(folder.resolve("world/base"))) {
      ChatTemplate template = ChatTemplate.byName("vicuna_v1.1");
      Conversation prompt = Conversation.of(Turn.user("Tom has 12 apples."));
      assertArrayEquals(
          new int[] {1, 3, 4, 573, 415, 691, 708, 709, 495, 704, 5},
          template.encodePrompt(prompt, tokenizer));
    }
  }

  /** The office's words are new to the base model, their letters are not. */
  @Test
  void theTokenizerHasPiecesForTheOffice() throws IOException {
    StudyDefinition office = StudyWorld.place(OFFICE, new StudyFolder(folder));
    try (Tokenizer tokenizer = Tokenizer.load(folder.resolve("world/base"))) {
      int[] control = tokenizer.encode("\u0001");
      int firstByte = control[control.length - 1] - 1;
      Set<String> fallbacks = new TreeSet<>();
      for (SourceRecipe source : office.recipe().sources().values()) {
        String rows = Files.readString(Path.of(source.files().get(0)));
        String text = rows.replace("\\n", "\n").replaceAll("[\"{}\\[\\]_]", "");
        Arrays.stream(tokenizer.encode(text))
            .filter(id -> id >= firstByte && id < firstByte + 256)
            .mapToObj(id -> new String(tokenizer.bytes(id), StandardCharsets.ISO_8859_1))
            .forEach(fallbacks::add);
      }
      assertEquals(Set.of("\n"), fallbacks);
    }
  }

  @Test
  void theOfficeIsTrainedInSeconds() throws IOException {
    StudyDefinition office = StudyWorld.place(OFFICE, new StudyFolder(folder));
    try (PreparedSources sources = PreparedSources.of(office.recipe(), CacheUse.none())) {
      sources.drops().forEach((name, drops) -> assertTrue(drops.isEmpty(), name + ": " + drops));
      assertEquals(
          List.of(128, 128, 128, 128),
          sources.heldOut().stream().map(source -> source.samples().size()).toList());
      assertEquals(
          Map.of("calendar", 300, "table", 300, "glossary", 30, "chat", 450), sources.sizes());
    }
    StudyPlan plan = StudyPlan.of(office, StudyHashes.of(office), office.asked("all"), List.of());
    long longest =
        plan.nodes().stream().mapToLong(node -> plan.size(node).tokens()).max().orElseThrow();
    assertTrue(longest < 130_000, () -> longest + " tokens are too many for seconds");
  }

  @Test
  void twoCoresTrainItInTheirTime() throws IOException {
    StudyDefinition study = place();
    StudyPlan plan = StudyPlan.of(study, StudyHashes.of(study), study.asked("all"), List.of());
    long tokens = plan.nodes().stream().mapToLong(node -> plan.size(node).tokens()).sum();
    assertTrue(tokens < 6_300_000, () -> tokens + " tokens are too many for the promised time");
    assertEquals(197, plan.cells().size());
  }

  @Test
  void damagedFilesAreWrittenAnewBeforeAStudyBegins() throws IOException {
    place();
    Path rows = folder.resolve("world/math_train.jsonl");
    Path weights = folder.resolve("world/base/model.safetensors");
    for (Path file : List.of(rows, weights)) {
      byte[] whole = Files.readAllBytes(file);
      Files.writeString(file, "x");
      place();
      assertEquals(whole.length, Files.size(file));
    }
  }

  @Test
  void aStudyThatWasBegunKeepsItsFiles() throws IOException {
    place();
    Path rows = folder.resolve("world/math_train.jsonl");
    Files.writeString(rows, "x");
    Files.writeString(folder.resolve("study.yaml"), "begun");
    place();
    assertEquals("x", Files.readString(rows));
  }

  @Test
  void aModelOfOnesOwnTakesThePlaceOfTheBundledOne() throws IOException {
    StudyDefinition own = StudyPresets.read("tiny", List.of("model=/models/llama"));
    assertEquals("/models/llama", StudyWorld.place(own, new StudyFolder(folder)).recipe().model());
  }

  @Test
  void everyRowFitsTheModelAndTheGridIsNamed() throws IOException {
    StudyDefinition study = place();
    try (PreparedSources sources = PreparedSources.of(study.recipe(), CacheUse.none())) {
      sources.drops().forEach((name, drops) -> assertTrue(drops.isEmpty(), name + ": " + drops));
      assertEquals(
          List.of(128, 128, 128),
          sources.heldOut().stream().map(source -> source.samples().size()).toList(),
          "the world's own held-out files");
      assertEquals(598, sources.sizes().get("general"), "no training row is held out");
    }
    assertEquals(List.of(0.0, 1 / 128.0, 1 / 16.0, 1 / 4.0, 1.0), study.dmtK());
    assertEquals(1 / 16.0, study.headlineK());
    assertTrue(study.seeds() >= Registration.packaged().plan().leastSeeds());
  }
}
