package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code tokenizer.model} of SentencePiece: the protocol buffer of sentencepiece_model.proto. It
 * is read here and becomes the model of a {@code tokenizer.json}, as in transformers, so that one
 * library encodes both and SentencePiece's own never sees the file.
 */
final class SentencePieceFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Kinds of pieces, by their numbers in the file; a piece without one is of kind 1. */
  private static final int CONTROL = 3;

  private static final int USER_DEFINED = 4;
  private static final int LAST_KIND = 6;
  private static final int LONGEST = 1024; // characters of a piece; 16 where nothing else is asked

  private static final int UNIGRAM = 1; // of the kinds of models, the default
  private static final int BYTE_PAIR_ENCODING = 2;

  private final List<String> pieces = new ArrayList<>();
  private final List<Float> scores = new ArrayList<>();
  private final List<AddedToken> added = new ArrayList<>();
  private int modelKind = UNIGRAM;
  private boolean byteFallback;
  private int unkId;
  private int bosId = 1;
  private int eosId = 2;
  private String unkPiece = "<unk>";
  private String bosPiece = "<s>";
  private String eosPiece = "</s>";
  private byte[] charsmap = {};
  private boolean addsPrefixSpace = true;
  private boolean removesExtraSpaces = true;
  private boolean escapesSpaces = true;

  private SentencePieceFile() {}

  /**
   * Reads a file's bytes.
   *
   * @throws IllegalArgumentException if they are no such file
   */
  static SentencePieceFile parse(byte[] file) {
    SentencePieceFile model = new SentencePieceFile();
    WireFormat in = new WireFormat(file);
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> model.readPiece(in.message());
        case 2 -> model.readTrainerSpec(in.message());
        case 3 -> model.readNormalizerSpec(in.message());
        default -> in.skip();
      }
    }
    model.check();
    return model;
  }

  private void check() {
    if (pieces.isEmpty()) {
      throw new IllegalArgumentException("the file has no pieces");
    }
    if (modelKind != UNIGRAM && modelKind != BYTE_PAIR_ENCODING) {
      throw new IllegalArgumentException(
          "its model is of kind %s, expected 1 (unigram) or 2 (byte-pair encoding)"
              .formatted(modelKind));
    }
    if (!escapesSpaces) {
      throw new IllegalArgumentException("it does not escape spaces, which is not supported");
    }
    Charsmap.check(charsmap);
  }

  private void readPiece(WireFormat in) {
    String text = "";
    float score = 0;
    int kind = 1;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> text = in.text();
        case 2 -> score = in.real();
        case 3 -> kind = in.number();
        default -> in.skip();
      }
    }
    if (text.isEmpty()
        || text.length() > LONGEST
        || kind < 1
        || kind > LAST_KIND
        || !Float.isFinite(score)) {
      throw new IllegalArgumentException(
          "piece %s has %s characters, kind %s and score %s; expected 1 to %s characters, kinds 1 to %s, a finite score"
              .formatted(pieces.size(), text.length(), kind, score, LONGEST, LAST_KIND));
    }
    pieces.add(text);
    scores.add(score);
    if (kind == CONTROL || kind == USER_DEFINED) {
      added.add(new AddedToken(text, false, false, false, false, kind == CONTROL));
    }
  }

  private void readTrainerSpec(WireFormat in) {
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 3 -> modelKind = in.number();
        case 35 -> byteFallback = in.flag();
        case 40 -> unkId = in.number();
        case 41 -> bosId = in.number();
        case 42 -> eosId = in.number();
        case 45 -> unkPiece = in.text();
        case 46 -> bosPiece = in.text();
        case 47 -> eosPiece = in.text();
        default -> in.skip();
      }
    }
  }

  private void readNormalizerSpec(WireFormat in) {
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 2 -> charsmap = in.blob();
        case 3 -> addsPrefixSpace = in.flag();
        case 4 -> removesExtraSpaces = in.flag();
        case 5 -> escapesSpaces = in.flag();
        default -> in.skip();
      }
    }
  }

  List<String> pieces() {
    return pieces;
  }

  /** Control tokens, and those that are found in texts before all others. */
  List<AddedToken> added() {
    return added;
  }

  /**
   * The same as SentencePiece itself finds them: pieces of texts such as "\u2581USER:" where spaces
   * are marks. One that begins with no mark is looked for in the text as it is, since a mark would
   * be put in front of it where {@link #ownNormalizers} do so.
   */
  List<AddedToken> ownAdded() {
    return added.stream()
        .map(
            token ->
                token.special() || (addsPrefixSpace && !token.content().startsWith("\u2581"))
                    ? token
                    : token.asNormalized())
        .toList();
  }

  /** The tokens that the file names by their use; null where it says that there is none. */
  Map<String, String> named() {
    Map<String, String> named = new LinkedHashMap<>();
    named.put("bos_token", bosId < 0 ? null : bosPiece);
    named.put("eos_token", eosId < 0 ? null : eosPiece);
    named.put("unk_token", unkId < 0 ? null : unkPiece);
    return named;
  }

  boolean isUnigram() {
    return modelKind == UNIGRAM;
  }

  /** The model as byte-pair encoding, which is what transformers' LlamaTokenizer makes of any. */
  ObjectNode pairModel() {
    return pairModel(Comparator.naturalOrder());
  }

  /**
   * @param order of merges, by the ids of what they make; scores need not go down with ids
   */
  private ObjectNode pairModel(Comparator<Integer> order) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int id = 0; id < pieces.size(); id++) {
      ids.put(pieces.get(id), id);
    }
    ObjectNode model = JSON.createObjectNode().put("type", "BPE");
    model.putNull("unk_token").put("fuse_unk", true).put("byte_fallback", byteFallback);
    model.set("vocab", JSON.valueToTree(ids));
    addMerges(model.putArray("merges"), ids, order);
    return model;
  }

  /** Every way to make a piece of two others, the shorter left part first. */
  private static void addMerges(
      ArrayNode merges, Map<String, Integer> ids, Comparator<Integer> order) {
    List<Map.Entry<String, Integer>> sorted = new ArrayList<>(ids.entrySet());
    sorted.sort(Map.Entry.<String, Integer>comparingByValue(order));
    for (Map.Entry<String, Integer> entry : sorted) {
      String piece = entry.getKey();
      for (int i = 1; i < piece.length(); i++) {
        String left = piece.substring(0, i);
        String right = piece.substring(i);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          merges.addArray().add(left).add(right);
        }
      }
    }
  }

  /**
   * The model as SentencePiece itself uses it: what has the highest score is merged first.
   * Transformers goes by ids instead, which for LLaMA's file differs in runs of spaces.
   */
  ObjectNode ownModel() {
    return isUnigram()
        ? unigramModel()
        : pairModel(Comparator.<Integer, Float>comparing(scores::get).reversed())
            .put("unk_token", unkPiece);
  }

  /**
   * The model of its own kind, as transformers uses it.
   *
   * @param renamed contents that tokenizer_config.json gives to ids, in place of the file's
   */
  ObjectNode model(Map<Integer, String> renamed) {
    if (!isUnigram()) {
      ObjectNode model = pairModel().put("unk_token", unkPiece);
      ObjectNode vocab = (ObjectNode) model.get("vocab");
      Map<Integer, String> names = new HashMap<>();
      vocab.properties().forEach(e -> names.put(e.getValue().intValue(), e.getKey()));
      renamed.forEach(
          (id, content) -> {
            if (names.containsKey(id) && !vocab.has(content)) {
              vocab.remove(names.get(id));
              vocab.put(content, id.intValue());
            }
          });
      return model;
    }
    return unigramModel();
  }

  private ObjectNode unigramModel() {
    ObjectNode model = JSON.createObjectNode().put("type", "Unigram");
    model.put("unk_id", unkId).put("byte_fallback", byteFallback);
    ArrayNode vocab = model.putArray("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      vocab.addArray().add(pieces.get(id)).add(scores.get(id).doubleValue());
    }
    return model;
  }

  /** What happens to a text first: the file's table, and a mark for each space. */
  ArrayNode normalizers() {
    ArrayNode all = JSON.createArrayNode();
    if (charsmap.length > 0) {
      all.addObject().put("type", "Precompiled").put("precompiled_charsmap", charsmap);
    }
    all.add(replace(JSON.createObjectNode().put("String", " "), "\u2581"));
    return all;
  }

  /** The same with all that SentencePiece itself does with spaces. */
  ArrayNode ownNormalizers() {
    ArrayNode all = normalizers();
    int at = all.size() - 1; // in front of the marks
    if (addsPrefixSpace && added.stream().allMatch(AddedToken::special)) {
      all.insertObject(at).put("type", "Prepend").put("prepend", "\u2581");
    } else if (addsPrefixSpace) { // not in front of the added pieces, which have their mark
      all.insert(at, replace(JSON.createObjectNode().put("Regex", "\\A(?!\u2581)"), "\u2581"));
    }
    if (removesExtraSpaces) {
      all.insert(at, replace(JSON.createObjectNode().put("Regex", " {2,}"), " "));
      all.insert(at, replace(JSON.createObjectNode().put("Regex", "\\A +|[ \u2581]+\\z"), ""));
    }
    return all;
  }

  private static ObjectNode replace(ObjectNode pattern, String content) {
    ObjectNode replace = JSON.createObjectNode().put("type", "Replace");
    replace.set("pattern", pattern);
    return replace.put("content", content);
  }

  boolean byteFallback() {
    return byteFallback;
  }

  boolean addsPrefixSpace() {
    return addsPrefixSpace;
  }
}
