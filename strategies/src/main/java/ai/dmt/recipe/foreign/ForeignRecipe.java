package ai.dmt.recipe.foreign;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.TextFile;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A recipe of LLaMA-Factory, axolotl or TRL as one of ours.
 *
 * @param program whose it was: "LLaMA-Factory", "axolotl" or "TRL"
 * @param yaml our recipe, with what was not taken over in comments above
 * @param unmapped what was not taken over as it is, and why
 */
public record ForeignRecipe(String program, String yaml, List<Unmapped> unmapped) {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  /**
   * What the other recipe does not say, or says otherwise than it is meant.
   *
   * @param gpus that it runs on: the other programs count samples by device
   * @param full whether a recipe that trains adapters is taken as one that trains all weights
   */
  public record Options(int gpus, boolean full) {
    /**
     * Checks the number.
     *
     * @param gpus at least 1
     * @param full see {@link #full()}
     */
    public Options {
      new Faults("import").positive("gpus", gpus).throwIfAny();
    }
  }

  /**
   * Copies the list.
   *
   * @param program see {@link #program()}
   * @param yaml see {@link #yaml()}
   * @param unmapped see {@link #unmapped()}
   */
  public ForeignRecipe {
    unmapped = List.copyOf(unmapped);
  }

  /**
   * Reads a recipe. Files that it names are looked for where the program runs, then beside it.
   *
   * @param file in YAML or JSON, encoded in UTF-8
   * @param options what the file does not say
   * @return ours, which {@link RecipeReader} reads
   * @throws ConfigException if it is none of theirs, if a value is at fault, or if it does
   *     something that is not done here, such as training adapters or preferences
   */
  public static ForeignRecipe read(Path file, Options options) {
    ObjectNode root = parse(file);
    Program program = Program.of(root, file.toString());
    List<Unmapped> unmapped = new ArrayList<>();
    Keys keys = new Keys(root, "", unmapped);
    Draft draft = new Draft(file.toAbsolutePath().normalize().resolveSibling(""));
    draft.top("name", Import.sourceName(file.getFileName().toString().replaceAll("\\.ya?ml$", "")));
    try {
      program.read(new Import(root, keys, draft, unmapped, options));
    } catch (ConfigException e) {
      throw ConfigException.ofLines(e.faults().stream().map(fault -> file + ": " + fault).toList());
    }
    keys.tellRest();
    draft.acceptPartsOfEpochs();
    String yaml = draft.yaml(comments(program, file, draft.remarks(), unmapped));
    RecipeReader.parse(yaml, file + " as a recipe of dmt", List.of()); // or a value is at fault
    return new ForeignRecipe(program.title(), yaml, unmapped);
  }

  /** {@return the recipe, complete with defaults} */
  public Recipe recipe() {
    return RecipeReader.parse(yaml, program, List.of());
  }

  private static List<String> comments(
      Program program, Path file, List<String> remarks, List<Unmapped> unmapped) {
    List<String> lines = new ArrayList<>();
    lines.add("Imported from %s, a recipe of %s.".formatted(file.getFileName(), program.title()));
    lines.add("Sources are mixed whole; role: specialized makes one an ability for strategy dmt.");
    lines.addAll(remarks);
    if (!unmapped.isEmpty()) {
      lines.add("");
      lines.add("Not taken over as it was:");
      unmapped.forEach(each -> lines.add("  " + each));
    }
    return lines;
  }

  private static ObjectNode parse(Path file) {
    try {
      if (YAML.readTree(TextFile.read(file)) instanceof ObjectNode root) {
        return root;
      }
      throw new ConfigException(file + " is no recipe: expected keys with values");
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such file", e);
    } catch (TextFile.EncodingException e) {
      throw new ConfigException(file + ": " + e.getMessage(), e);
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      throw new ConfigException(
          "%s%s: malformed YAML: %s"
              .formatted(file, line, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + Disk.reason(e), e);
    }
  }
}
