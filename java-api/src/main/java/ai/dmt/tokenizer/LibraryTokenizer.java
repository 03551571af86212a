package ai.dmt.tokenizer;

import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.internal.handle.HandleGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A tokenizer of any folder: what {@link FolderRules} make of its files, and the library. */
final class LibraryTokenizer implements Tokenizer {
  private final HandleGuard guard;
  private final SealedLibrary library;
  private final TextEncoder encoder;
  private final TokenTable table;
  private final ResolvedTokenizer resolved;
  private final OptionalInt bos;
  private final int eos;
  private final Map<String, Integer> controlTokens;
  private final Map<String, String> namedTokens = new LinkedHashMap<>();

  private LibraryTokenizer(Path file, ResolvedTokenizer resolved) throws IOException {
    this.guard = HandleGuard.shared("the tokenizer of " + file);
    this.resolved = resolved;
    resolved.named().forEach((use, token) -> namedTokens.put(use, token.content()));
    Map<String, Integer> controls = new HashMap<>();
    resolved
        .added()
        .tokens()
        .forEach(
            (id, token) -> {
              if (token.special()) {
                controls.put(token.content(), id);
              }
            });
    this.controlTokens = Map.copyOf(controls);
    this.bos = named("bos_token");
    this.eos = endToken(TokenizerFiles.folderOf(file));
    this.table = TokenTable.of(resolved);
    this.library = new SealedLibrary(resolved);
    this.encoder = new TextEncoder(library, resolved);
  }

  static LibraryTokenizer load(Path file) {
    TokenizerLibrary.load();
    try {
      return new LibraryTokenizer(file, FolderRules.resolve(file));
    } catch (IOException | RuntimeException e) {
      throw TokenizerFiles.unreadable(file, e);
    }
  }

  private OptionalInt named(String use) {
    String content = namedTokens.get(use);
    return content == null ? OptionalInt.empty() : resolved.added().id(content);
  }

  /** As the folder names it, else by the model's files, else by the names that are in use. */
  private int endToken(Path folder) {
    OptionalInt byName = named("eos_token");
    if (byName.isPresent()) {
      return byName.getAsInt();
    }
    OptionalInt ofModel = SpecialTokenIds.read(folder).eos().stream().mapToInt(id -> id).min();
    return ofModel.orElseGet(
        () ->
            List.of("</s>", "<|end_of_text|>", "<|endoftext|>").stream()
                .map(resolved.added()::id)
                .filter(OptionalInt::isPresent)
                .mapToInt(OptionalInt::getAsInt)
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "no eos_token is stated: tokenizer_config.json beside it should name"
                                + " one")));
  }

  @Override
  public MarkedIds encode(String text, TextPlace place, BitSet marked) {
    guard.requireNotClosed();
    if (text.isEmpty()) {
      return MarkedIds.none(); // the library may put a space in front even of nothing
    }
    String clean = TokenizerFiles.withoutLoneSurrogates(text);
    return guard.call("encode", () -> encoder.encode(clean, place, marked));
  }

  @Override
  public String decode(int[] ids) {
    Arrays.stream(ids).forEach(TokenTable::demandId);
    String text = guard.call("decode", () -> library.decode(ids));
    return resolved.cleansUp() ? TokenTable.cleanedUp(text) : text;
  }

  @Override
  public byte[] bytes(int id) {
    return table.bytes(id);
  }

  @Override
  public int vocabSize() {
    return resolved.size();
  }

  @Override
  public int[] beginIds() {
    return resolved.around().before().stream().mapToInt(id -> id).toArray();
  }

  @Override
  public int[] endIds() {
    return resolved.around().after().stream().mapToInt(id -> id).toArray();
  }

  @Override
  public OptionalInt bosId() {
    return bos;
  }

  @Override
  public int eosId() {
    return eos;
  }

  @Override
  public Map<String, Integer> controlTokens() {
    return controlTokens;
  }

  @Override
  public Map<String, String> namedTokens() {
    return Map.copyOf(namedTokens);
  }

  @Override
  public List<String> notes() {
    return resolved.notes();
  }

  @Override
  public void close() {
    guard.close(library::close);
  }
}
