package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Encodes texts by where they stand; word by word where that gives the same ids. */
final class TextEncoder {
  private static final char SPACE_MARK = '\u2581';
  private static final String SPACE_MARKS = "\u2581\u0120"; // of pieces, and of bytes

  private final SealedLibrary library;
  private final @Nullable WordCache words; // null where words cannot be encoded apart,
  private final @Nullable PieceMarks pieceMarks; // as this
  private final boolean spaceAfterControl; // whether one is put in front of a text there,
  private final boolean spaceDoubles; // and even of a text that begins with one

  TextEncoder(SealedLibrary library, ResolvedTokenizer resolved) {
    this.library = library;
    this.spaceAfterControl = library.putsSpaceAfterControl(SPACE_MARKS);
    this.spaceDoubles = !Arrays.equals(library.encode("x"), library.encode(" x"));
    Set<String> pieces = new HashSet<>(resolved.vocabulary().keySet());
    resolved.added().tokens().values().forEach(token -> pieces.remove(token.content()));
    boolean apart = hasApartWords(resolved, pieces) && WordCache.appliesTo(pieces);
    this.words = apart ? new WordCache(this::encodeWord, pieces) : null;
    this.pieceMarks = apart ? new PieceMarks(resolved.vocabulary()) : null;
  }

  /** Whether words can be encoded apart, see [Note: words] in {@link WordCache}. */
  private static boolean hasApartWords(ResolvedTokenizer resolved, Set<String> pieces) {
    JsonNode model = resolved.json().path("model");
    JsonNode preTokenizer = resolved.json().path("pre_tokenizer");
    JsonNode normalizer = resolved.json().path("normalizer");
    JsonNode steps = normalizer.path("normalizers");
    boolean prepends =
        steps.size() == 2
            && steps.path(0).path("prepend").asText().equals("\u2581")
            && steps.path(1).at("/pattern/String").asText().equals(" ")
            && steps.path(1).path("content").asText().equals("\u2581")
            && isNone(preTokenizer);
    boolean marks =
        isNone(normalizer)
            && preTokenizer.path("type").asText().equals("Metaspace")
            && preTokenizer.path("replacement").asText().equals("\u2581")
            && Set.of("first", "always").contains(preTokenizer.path("prepend_scheme").asText())
            && !preTokenizer.path("split").asBoolean(true);
    return (prepends || marks)
        && model.path("type").asText().equals("BPE")
        && !model.path("ignore_merges").asBoolean()
        && model.path("byte_fallback").asBoolean() // unknown characters do not occur
        && IntStream.range(0, 256).allMatch(b -> pieces.contains(PieceMarks.ofByte(b)))
        && resolved.added().tokens().values().stream()
            .allMatch(AddedToken::special); // others are found anywhere in a text
  }

  private static boolean isNone(JsonNode part) {
    return part.isNull() || part.isMissingNode();
  }

  MarkedIds encode(String text, TextPlace place, BitSet marked) {
    AddedToken before = library.control(place.before());
    AddedToken after = library.control(place.after());
    boolean taken = (before != null && before.rstrip()) || (after != null && after.lstrip());
    if (words == null || pieceMarks == null || taken) { // white space that a control token takes
      return library.encode(text, place, marked);
    }
    boolean begins = place.before() == TextPlace.NOTHING;
    int[] ids = begins ? encodeBegin(text, words) : encodeAfterControl(text, words);
    return pieceMarks.mark(text, ids, marked);
  }

  private int[] encodeBegin(String text, WordCache words) {
    boolean hasSpace = !spaceDoubles && (text.charAt(0) == ' ' || text.charAt(0) == SPACE_MARK);
    if (!hasSpace) {
      return words.encode(text);
    }
    return text.length() == 1 ? library.encode(text) : words.encode(text.substring(1));
  }

  private int[] encodeAfterControl(String text, WordCache words) {
    if (spaceAfterControl || text.charAt(0) == ' ') {
      return encodeBegin(text, words);
    }
    int border = firstBorder(text);
    TextPlace place = new TextPlace(SealedLibrary.ANY_CONTROL, TextPlace.NOTHING);
    int[] head = library.encode(text.substring(0, border), place, new BitSet()).ids();
    if (border == text.length()) {
      return head;
    }
    int[] tail = words.encode(text.substring(border + 1)); // its first space is put in front again
    int[] ids = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, ids, head.length, tail.length);
    return ids;
  }

  /** The first space after a word that has a word behind it; the text's end if there is none. */
  private static int firstBorder(String text) {
    int end = text.indexOf(SPACE_MARK) >= 0 ? 0 : text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    int border = text.indexOf(' ', 1);
    return border > 0 && border < end ? border : text.length();
  }

  /** Ids of a word with a space in front, for the cache. */
  private int[] encodeWord(String word) {
    boolean hasSpace = word.startsWith(" ") || word.startsWith("\u2581");
    return library.encode(hasSpace && !spaceDoubles ? " " + word : word);
  }
}
