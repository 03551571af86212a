package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Sha256;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What is tested and how, named before a study runs: registration.yaml, which lies beside this
 * class, and of which every study folder has a copy from before its first run.
 *
 * @param plan what the file says
 * @param sha256 of the file's bytes
 * @param kept whether it is the copy that a study began with
 */
record Registration(Plan plan, String sha256, boolean kept) {
  private static final String FILE = "registration.yaml";
  private static final ObjectMapper YAML = new YAMLMapper();

  /**
   * The file's keys.
   *
   * @param level of the family of all claims together
   * @param leastSeeds fewer give an estimate, not a verdict
   * @param primary kind of measure, by whether a study is of the bundled world or of other data
   * @param margins differences that count as little, by kind of measure, on its scale
   */
  record Plan(
      double level,
      @JsonProperty("least_seeds") int leastSeeds,
      Map<String, Kind> primary,
      Map<Kind, Double> margins,
      List<RegisteredClaim> claims) {}

  /** Kinds of measures. */
  enum Kind {
    @JsonProperty("loss")
    LOSS,
    @JsonProperty("score")
    SCORE
  }

  /** Whose abilities a claim speaks of. */
  enum Abilities {
    @JsonProperty("specialized")
    SPECIALIZED,
    @JsonProperty("general")
    GENERAL,
    @JsonProperty("all")
    ALL
  }

  /**
   * A claim as it was registered.
   *
   * @param id such as "4c"
   * @param text what the paper found
   * @param abilities that it speaks of
   * @param expects of the contrast
   * @param contrast weights by group, with placeholders
   */
  record RegisteredClaim(
      String id,
      String text,
      Abilities abilities,
      Claim.Expected expects,
      Map<String, Double> contrast) {
    /** Whether it is none of the paper's, which trains all weights. */
    boolean isAboutAdapters() {
      return contrast.keySet().stream().anyMatch(group -> group.startsWith("lora "));
    }
  }

  /** The one that comes with this dmt. */
  static Registration packaged() {
    return parse(packagedBytes(), FILE, false);
  }

  /** That of a folder, or the packaged one where the folder was begun without. */
  static Registration of(StudyFolder folder) throws IOException {
    Path file = folder.root().resolve(FILE);
    return Files.exists(file) ? parse(Files.readAllBytes(file), file.toString(), true) : packaged();
  }

  /** Copies the packaged one into the folder of a study that has not begun. */
  static void keep(StudyFolder folder) throws IOException {
    Path file = folder.root().resolve(FILE);
    if (!Files.exists(folder.study()) && !Files.exists(file)) {
      StudyFolder.replace(file, new String(packagedBytes(), StandardCharsets.UTF_8));
    }
  }

  private static byte[] packagedBytes() {
    try (InputStream in = Registration.class.getResourceAsStream(FILE)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " is part of this jar", e);
    }
  }

  private static Registration parse(byte[] bytes, String name, boolean kept) {
    try {
      Plan plan = YAML.readValue(bytes, Plan.class);
      String sha256 = HexFormat.of().formatHex(Sha256.digest().digest(bytes));
      return new Registration(plan, sha256, kept);
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "%s is no registration: %s".formatted(name, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As much of the digest as a reader compares. */
  String shortHash() {
    return sha256.substring(0, 12);
  }

  boolean isPackaged() {
    return sha256.equals(packaged().sha256());
  }

  Kind primary(boolean ofWorld) {
    return Objects.requireNonNull(plan.primary().get(ofWorld ? "world" : "data"), "primary");
  }

  double margin(Metric metric) {
    return Objects.requireNonNull(plan.margins().get(kind(metric)), "margins");
  }

  static Kind kind(Metric metric) {
    return metric.isLoss() ? Kind.LOSS : Kind.SCORE;
  }

  /** Such as "loss". */
  static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
