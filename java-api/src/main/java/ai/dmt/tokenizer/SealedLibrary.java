package ai.dmt.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hugging Face's library with a tokenizer in which no text spells a control token.
 *
 * <p>[Note: sealed control tokens] The library reads control tokens out of any text that spells
 * them. Here each has a random name of 128 bits in place of its own, so that no text has it, and
 * keeps its id. A text between control tokens is encoded together with their names, so the library
 * does at the borders what it does in a whole conversation: whether a space comes in front, which
 * white space a token takes.
 */
final class SealedLibrary implements AutoCloseable {
  /** Stands for a control token of no properties. */
  static final int ANY_CONTROL = -2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final HuggingFaceTokenizer library;
  private final Map<Integer, Control> controls = new HashMap<>(); // by id
  private final String anchor; // a control token that is nothing but that

  /** A control token. @param name what stands for it in a text */
  private record Control(AddedToken token, String name) {}

  SealedLibrary(ResolvedTokenizer resolved) throws IOException {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    String secret = HexFormat.of().formatHex(nonce);
    this.anchor = "<" + secret + ">";
    resolved
        .added()
        .tokens()
        .forEach(
            (id, token) -> {
              if (token.special()) {
                String name = "<%s:%s>".formatted(secret, Integer.toHexString(id));
                controls.put(id, new Control(token, name));
              }
            });
    this.library =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(JSON.writeValueAsBytes(sealed(resolved))),
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
    try {
      checkIds();
    } catch (RuntimeException e) {
      library.close();
      throw e;
    }
  }

  private ObjectNode sealed(ResolvedTokenizer resolved) {
    ObjectNode sealed = resolved.json().deepCopy();
    sealed.put("version", "1.0").putNull("truncation").putNull("padding");
    sealed.putNull("post_processor");
    ArrayNode added = sealed.putArray("added_tokens");
    resolved
        .added()
        .tokens()
        .forEach(
            (id, token) -> {
              Control control = controls.get(id);
              if (control != null) {
                token.sealed(added.addObject(), id, control.name());
              } else {
                token.write(added.addObject(), id);
              }
            });
    int next = resolved.added().next();
    AddedToken.special(anchor).write(added.addObject(), next);
    rename((ObjectNode) sealed.get("model"));
    return sealed;
  }

  /** Control tokens that the model's vocabulary has, too, keep their ids under their new names. */
  private void rename(ObjectNode model) {
    Map<String, String> renamed = new HashMap<>();
    controls.values().forEach(control -> renamed.put(control.token().content(), control.name()));
    if (model.get("vocab") instanceof ObjectNode vocab) {
      renamed.forEach(
          (content, name) -> {
            JsonNode id = vocab.remove(content);
            if (id != null) {
              vocab.set(name, id);
            }
          });
      ArrayNode kept = model.arrayNode();
      for (JsonNode merge : model.path("merges")) {
        String[] parts = Merges.parts(merge);
        if (!renamed.containsKey(parts[0])
            && !renamed.containsKey(parts[1])
            && !renamed.containsKey(parts[0] + parts[1])) {
          kept.add(merge);
        }
      }
      model.set("merges", kept);
      String unk = model.path("unk_token").asText();
      if (renamed.containsKey(unk)) {
        model.put("unk_token", renamed.get(unk));
      }
    } else {
      for (JsonNode token : model.path("vocab")) {
        String name = renamed.get(token.path(0).asText());
        if (name != null) {
          ((ArrayNode) token).set(0, JSON.getNodeFactory().textNode(name));
        }
      }
    }
  }

  private void checkIds() {
    controls.forEach(
        (id, control) -> {
          int[] found = ids(control.name());
          if (found.length != 1 || found[0] != id) {
            throw new IllegalArgumentException(
                "the library gives the token \"%s\" the ids %s, expected %s"
                    .formatted(control.token().content(), Arrays.toString(found), id));
          }
        });
  }

  /** The control token of an id, or null. */
  @Nullable AddedToken control(int id) {
    Control control = controls.get(id);
    return control == null ? null : control.token();
  }

  private String nameOf(int id, String otherwise) {
    Control control = controls.get(id);
    return control == null ? otherwise : control.name();
  }

  /** Ids of a text at the beginning of a sequence. */
  int[] encode(String text) {
    return ids(text);
  }

  /**
   * Ids of a text at a place.
   *
   * @param place what is before is {@link TextPlace#NOTHING}, a control token's id, or {@link
   *     #ANY_CONTROL}
   * @param marked of its characters
   */
  MarkedIds encode(String text, TextPlace place, BitSet marked) {
    boolean begins = place.before() == TextPlace.NOTHING;
    String start = begins ? "" : nameOf(place.before(), anchor);
    String end = nameOf(place.after(), "");
    Encoding encoding = library.encode(start + text + end, false, false);
    int[] ids = narrow(encoding.getIds());
    int from = begins ? 0 : 1;
    int to = ids.length - (end.isEmpty() ? 0 : 1);
    CharacterMarks marks = new CharacterMarks(text, marked);
    boolean[] tokens = new boolean[to - from];
    for (int t = from; t < to; t++) {
      CharSpan span = encoding.getCharTokenSpans()[t]; // code points
      tokens[t - from] =
          marks.any(span.getStart() - start.length(), span.getEnd() - start.length());
    }
    return new MarkedIds(Arrays.copyOfRange(ids, from, to), tokens);
  }

  private int[] ids(String text) {
    return narrow(library.encode(text, false, false).getIds());
  }

  private static int[] narrow(long[] ids) {
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = (int) ids[i];
    }
    return narrow;
  }

  /** Whether a text after a control token gets a space in front. @param marks that stand for one */
  boolean putsSpaceAfterControl(String marks) {
    String[] tokens = library.encode(anchor + "x", false, false).getTokens();
    return tokens.length > 1 && marks.indexOf(tokens[1].charAt(0)) >= 0;
  }

  /** Text of ids; control tokens, and ids without a token, give nothing. */
  String decode(int[] ids) {
    return library.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    library.close();
  }
}
