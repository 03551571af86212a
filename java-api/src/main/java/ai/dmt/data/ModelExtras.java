package ai.dmt.data;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.tokenizer.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What lies beside a trained model's weights so that other programs prompt it as it was taught, and
 * stop where it was taught to stop: the base's tokenizer files, the chat template in Jinja, and the
 * end tokens of the base and of the template.
 *
 * <p>All is read and made when a run begins: the base may be gone when it ends.
 */
public final class ModelExtras implements ModelFolder.Contents {
  /** Where transformers looks first, from 4.43 on; older ones look into tokenizer_config.json. */
  private static final String CHAT_TEMPLATE = "chat_template.jinja";

  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String ENDS = "eos_token_id";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, byte[]> files;
  private final Set<Integer> ends;

  private ModelExtras(Map<String, byte[]> files, Set<Integer> ends) {
    this.files = files;
    this.ends = ends;
  }

  /**
   * Reads the files of a base model.
   *
   * @param base folder of the model that training began with
   * @param template that the model is trained with
   * @param tokenizer of the base
   * @return what a trained model's folder gets
   * @throws IOException if a file cannot be read
   */
  public static ModelExtras of(Path base, ChatTemplate template, Tokenizer tokenizer)
      throws IOException {
    Map<String, byte[]> files =
        new TreeMap<>(ModelFolder.tokenizerFiles(AdapterFolder.tokenizerOf(base)));
    files.put(TemplateFile.NAME, bytes(TemplateFile.text(template)));
    Optional<String> jinja = template.jinja(tokenizer);
    if (jinja.isPresent()) {
      files.put(CHAT_TEMPLATE, bytes(jinja.get()));
      byte[] config = files.get(TOKENIZER_CONFIG);
      if (config != null && JSON.readTree(config) instanceof ObjectNode settings) {
        files.put(TOKENIZER_CONFIG, bytes(text(settings.put("chat_template", jinja.get()))));
      }
    }
    Set<Integer> ends = new TreeSet<>();
    for (int id : template.stopIds(tokenizer)) {
      ends.add(id);
    }
    return new ModelExtras(files, ends);
  }

  /**
   * Writes the files, and adds the template's end tokens to those that the folder's
   * generation_config.json and config.json state, where these are there.
   */
  @Override
  public void writeTo(Path folder) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      FileOutput.write(folder.resolve(file.getKey()), file.getValue());
    }
    if (AdapterFolder.isAdapter(folder)) {
      return; // its base's files state ends, and its template has its own
    }
    Set<Integer> all = new LinkedHashSet<>(new TreeSet<>(SpecialTokenIds.read(folder).eos()));
    all.addAll(ends);
    stateEnds(folder.resolve("generation_config.json"), all);
    stateEnds(folder.resolve("config.json"), all);
  }

  private static void stateEnds(Path file, Set<Integer> ends) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    JsonNode config = JSON.readTree(Files.readAllBytes(file));
    if (config instanceof ObjectNode settings) {
      if (ends.size() == 1) {
        settings.put(ENDS, ends.iterator().next());
      } else {
        ArrayNode list = settings.putArray(ENDS);
        ends.forEach(list::add);
      }
      FileOutput.write(file, bytes(text(settings)));
    }
  }

  private static String text(ObjectNode node) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
