package ai.dmt.world;

import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.Sha256;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes a world as the files of the real data sets: GSM8K, Alpaca and HumanEval, ShareGPT and
 * MT-Bench questions.
 */
public final class WorldFiles {
  /** What was written: seed, part, and rows and SHA-256 of each file. */
  public static final String MANIFEST = "manifest.json";

  /** Documents for the base model. */
  public static final String PRETRAINING = "pretraining.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Opens a file to write. */
  private interface Opener {
    Writer open(String name) throws IOException;
  }

  private final Opener opener;
  private final ObjectNode manifest = JSON.createObjectNode();

  private WorldFiles(Opener opener) {
    this.opener = opener;
  }

  private static WorldFiles in(Path folder) throws IOException {
    OutputPlace.make(folder);
    return new WorldFiles(name -> FileOutput.writer(folder.resolve(name)));
  }

  /**
   * Writes all files and the manifest; replaces those that are there.
   *
   * @param world whose rows are drawn and written
   * @param folder is made if it is not there
   * @throws IOException if a file cannot be written
   */
  public static void write(World world, Path folder) throws IOException {
    in(folder).write(world);
  }

  /**
   * {@return the text that {@link #write} puts into {@link #MANIFEST}, with the digest of each
   * file; writes nothing}
   *
   * @param world whose rows are drawn
   */
  public static String manifest(World world) {
    StringWriter text = new StringWriter();
    try {
      new WorldFiles(name -> name.equals(MANIFEST) ? text : Writer.nullWriter()).write(world);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * {@return whether a folder has all files of a world as {@link #write} leaves them, by their
   * digests}
   *
   * @param folder need not be there
   * @param world whose rows are drawn to compare
   * @throws IOException if a file cannot be read
   */
  public static boolean areIn(Path folder, World world) throws IOException {
    Path manifest = folder.resolve(MANIFEST);
    if (!Files.exists(manifest) || !Files.readString(manifest).equals(manifest(world))) {
      return false;
    }
    for (Map.Entry<String, JsonNode> file : files(manifest)) {
      if (!Sha256.isOf(folder.resolve(file.getKey()), file.getValue().path("sha256").asText())) {
        return false;
      }
    }
    return true;
  }

  private static List<Map.Entry<String, JsonNode>> files(Path manifest) throws IOException {
    return List.copyOf(JSON.readTree(manifest.toFile()).path("files").properties());
  }

  private void write(World world) throws IOException {
    manifest
        .put("kind", world.kind().text())
        .put("seed", world.seed())
        .put("test_part", world.test().text());
    for (Map.Entry<String, Stream<ObjectNode>> file : world.files().entrySet()) {
      file(file.getKey(), file.getValue());
    }
    end();
  }

  /**
   * Writes the pretraining text and its manifest.
   *
   * @param documents how many texts there are
   * @param folder is made if it is not there
   * @throws IOException if a file cannot be written
   */
  public static void writePretraining(int documents, Path folder) throws IOException {
    WorldFiles files = in(folder);
    files.manifest.put("seed", PaperWorld.PRETRAINING_SEED);
    files.file(
        PRETRAINING,
        PaperWorld.pretraining(documents).map(text -> JSON.createObjectNode().put("text", text)));
    files.end();
  }

  private void file(String name, Stream<ObjectNode> records) throws IOException {
    MessageDigest digest = Sha256.digest();
    long rows = 0;
    try (Writer out = opener.open(name)) {
      for (Iterator<ObjectNode> each = records.iterator(); each.hasNext(); rows++) {
        String line = JSON.writeValueAsString(each.next()) + "\n";
        digest.update(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        out.write(line);
      }
    }
    manifest
        .withObject("/files")
        .putObject(name)
        .put("rows", rows)
        .put("sha256", HexFormat.of().formatHex(digest.digest()));
  }

  private void end() throws IOException {
    try (Writer out = opener.open(MANIFEST)) {
      out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n");
    }
  }
}
