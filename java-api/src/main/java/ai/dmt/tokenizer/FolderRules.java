package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a tokenizer's file and the files beside it what {@code AutoTokenizer.from_pretrained} of
 * transformers 5 makes of them, so that the same text has the same ids.
 */
final class FolderRules {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final JsonNode source; // the tokenizer.json, or missing
  private final FolderSettings settings;
  private final TokenizerClass named; // whose names of tokens count
  private final ObjectNode tokenizer;
  private final Map<String, Integer> vocabulary;
  private final AddedVocabulary added;
  private Map<String, String> names; // of tokens, where the folder does not say
  private List<AddedToken> ofModel = List.of(); // that the model's file adds
  private @Nullable PostProcessor around; // null if settings decide

  /** Begins with a tokenizer that is a model alone, or a tokenizer.json. */
  private FolderRules(Path file, JsonNode source, FolderSettings settings, ObjectNode tokenizer)
      throws IOException {
    this.file = file;
    this.source = source;
    this.settings = settings;
    this.named = settings.tokenizerClass();
    this.names = named.names();
    this.tokenizer = tokenizer;
    this.vocabulary = TokenizerCheck.vocabulary(tokenizer.path("model"));
    this.added = new AddedVocabulary(vocabulary);
  }

  /**
   * Reads a file, and what the files beside it say.
   *
   * @throws IllegalArgumentException if one of them cannot be used
   */
  static ResolvedTokenizer resolve(Path file) throws IOException {
    return of(file, Files.readAllBytes(file)).resolve();
  }

  private static FolderRules of(Path file, byte[] bytes) throws IOException {
    boolean isJson = file.getFileName().toString().endsWith(".json");
    JsonNode source = isJson ? JSON.readTree(bytes) : MissingNode.getInstance();
    FolderSettings settings = new FolderSettings(TokenizerFiles.folderOf(file), source);
    if (isJson) {
      if (!(source instanceof ObjectNode root)) {
        throw new IllegalArgumentException("it is no JSON object");
      }
      FolderRules rules = new FolderRules(file, source, settings, root);
      rules.useJson(root);
      return rules;
    }
    ObjectNode tokenizer = JSON.createObjectNode();
    if (TiktokenFile.looksSo(bytes)) {
      tokenizer.set("model", TiktokenFile.parse(bytes).model());
      FolderRules rules = new FolderRules(file, source, settings, tokenizer);
      rules.useTiktoken();
      return rules;
    }
    SentencePieceFile model = SentencePieceFile.parse(bytes);
    tokenizer.set("model", modelOf(model, settings));
    FolderRules rules = new FolderRules(file, source, settings, tokenizer);
    rules.useSentencePiece(model);
    return rules;
  }

  private static JsonNode modelOf(SentencePieceFile model, FolderSettings settings)
      throws IOException {
    if (settings.tokenizerClass() != TokenizerClass.FILE) {
      return model.pairModel();
    }
    if (isUsedAsItsOwn(settings)) {
      return model.ownModel();
    }
    Map<Integer, String> renamed = new HashMap<>();
    settings.declared().forEach((id, token) -> renamed.put(id, token.content()));
    return model.model(renamed);
  }

  /** Whether nobody says how a SentencePiece model is to be used: as its own library does. */
  private static boolean isUsedAsItsOwn(FolderSettings settings) {
    return !settings.isStated();
  }

  private void useJson(ObjectNode root) {
    TokenizerClass parts =
        named.fits(root.path("model"), isByteLevel(root)) ? named : TokenizerClass.FILE;
    if (parts == TokenizerClass.FILE) {
      root.path("added_tokens").forEach(token -> added.add(AddedToken.read(token)));
    } else {
      parts.applyTo(root, settings.config(), spellings(settings.named(names)));
    }
    JsonNode processor = root.path("post_processor");
    boolean decided =
        named == TokenizerClass.CODE_LLAMA
            || named == TokenizerClass.GPT_NEOX
            || processor.path("type").isMissingNode();
    around = decided ? null : PostProcessor.read(processor);
  }

  private void useSentencePiece(SentencePieceFile model) {
    ofModel = model.added();
    if (named != TokenizerClass.FILE) {
      named.applyTo(tokenizer, settings.config(), spellings(settings.named(names)));
      return;
    }
    names = new LinkedHashMap<>(names);
    model.named().forEach(names::putIfAbsent);
    boolean own = isUsedAsItsOwn(settings);
    if (own) {
      ofModel = model.ownAdded();
    }
    boolean strips = own && model.addsPrefixSpace();
    TokenizerParts.set(
        tokenizer, "null", "null", TokenizerParts.PIECES + (strips ? TokenizerParts.STRIP : ""));
    tokenizer.set(
        "normalizer",
        JSON.createObjectNode()
            .put("type", "Sequence")
            .set("normalizers", own ? model.ownNormalizers() : model.normalizers()));
  }

  private void useTiktoken() {
    TokenizerParts.set(
        tokenizer,
        "null",
        TokenizerParts.wordsOf(TokenizerParts.LLAMA3_WORDS, false),
        TokenizerParts.BYTE_LEVEL);
    Map<Integer, AddedToken> declared = settings.declared();
    int last = declared.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    if (last > vocabulary.size() + TokenizerCheck.MOST_UNUSED_IDS) {
      throw new IllegalArgumentException(
          "tokenizer_config.json names the token id %s, the file has %s tokens"
              .formatted(last, vocabulary.size()));
    }
    for (int id = vocabulary.size(); id <= last; id++) {
      AddedToken token = declared.get(id);
      added.add(
          AddedToken.special(
              token == null ? "<|reserved_token_%s|>".formatted(id) : token.content()));
    }
    settings.extra().forEach(token -> added.add(AddedToken.special(token.content())));
    around = settings.saysWhatIsAdded() ? null : PostProcessor.NONE;
  }

  static boolean isByteLevel(JsonNode tokenizer) {
    return Stream.of("decoder", "pre_tokenizer")
        .anyMatch(part -> tokenizer.path(part).toString().contains("\"ByteLevel\""));
  }

  private static Map<String, String> spellings(Map<String, AddedToken> tokens) {
    Map<String, String> spellings = new HashMap<>();
    tokens.forEach((use, token) -> spellings.put(use, token.content()));
    return spellings;
  }

  private ResolvedTokenizer resolve() throws IOException {
    Map<String, AddedToken> uses = settings.named(names);
    addTokens(uses);
    tokenizer.remove(List.of("added_tokens", "post_processor", "truncation", "padding"));
    TokenizerCheck.check(tokenizer);
    return new ResolvedTokenizer(
        tokenizer,
        vocabulary,
        added,
        uses,
        around == null ? byNames(uses) : around,
        cleansUp(),
        size(),
        FolderNotes.of(file, vocabulary, added, settings));
  }

  /** Adds what is declared, then what is named and not there yet. */
  private void addTokens(Map<String, AddedToken> uses) {
    Set<String> spelt = new HashSet<>();
    uses.values().forEach(token -> spelt.add(token.content()));
    Set<String> known = new HashSet<>();
    added.tokens().values().forEach(token -> known.add(token.content()));
    List<AddedToken> tokens = new ArrayList<>(settings.declared().values());
    tokens.forEach(token -> known.add(token.content()));
    List<AddedToken> more = new ArrayList<>(uses.values());
    more.addAll(settings.hasExtra() ? settings.extra() : ofModel);
    more.stream().filter(token -> known.add(token.content())).forEach(tokens::add);
    for (AddedToken token : tokens) {
      added.add(spelt.contains(token.content()) ? token.asSpecial() : token);
    }
    if (named == TokenizerClass.QWEN2) {
      spelt.forEach(token -> added.add(AddedToken.special(token)));
    }
  }

  /** Begin and end where no post-processor is stated. */
  private PostProcessor byNames(Map<String, AddedToken> uses) {
    boolean json = !source.isMissingNode(); // where settings do not count
    boolean own = named == TokenizerClass.FILE && !settings.isStated() && !json;
    boolean codeLlama = named == TokenizerClass.CODE_LLAMA;
    boolean begin = json ? codeLlama : settings.adds("bos_token", own || codeLlama);
    boolean end = !json && settings.adds("eos_token", false);
    return new PostProcessor(
        begin ? idOf(uses.get("bos_token")) : List.of(),
        end ? idOf(uses.get("eos_token")) : List.of());
  }

  private List<Integer> idOf(@Nullable AddedToken token) {
    return token == null ? List.of() : List.of(added.id(token.content()).orElseThrow());
  }

  /** Transformers heeds the setting for byte-pair models only where a second one insists. */
  private boolean cleansUp() {
    JsonNode config = settings.config();
    return config.path("clean_up_tokenization_spaces").asBoolean()
        && (tokenizer.at("/model/type").asText().equals("Unigram")
            || config
                .path("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output")
                .asBoolean());
  }

  /** Ids that the files state; a class may add tokens that no model has a place for. */
  private int size() {
    Set<String> byClass = new HashSet<>(named.names().values());
    Map<String, AddedToken> stated = settings.named(Map.of());
    stated.values().forEach(token -> byClass.remove(token.content()));
    settings.declared().values().forEach(token -> byClass.remove(token.content()));
    int size = vocabulary.values().stream().mapToInt(id -> id + 1).max().orElse(0);
    for (Map.Entry<Integer, AddedToken> token : added.tokens().entrySet()) {
      if (!byClass.contains(token.getValue().content())) {
        size = Math.max(size, token.getKey() + 1);
      }
    }
    return size;
  }
}
