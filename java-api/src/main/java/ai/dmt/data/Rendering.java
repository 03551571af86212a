package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.TextPlace;
import ai.dmt.tokenizer.Tokenizer;
import java.util.BitSet;

/**
 * A conversation while a template writes it: texts and control tokens, each with or without loss,
 * become ids one after the other.
 *
 * <p>What stands between two control tokens is encoded as one text, so the ids are those of the
 * whole conversation's text, whatever carries loss. A token that stands for characters with and
 * without loss carries it, as in the assistant masks of transformers. The tokenizer is told what
 * stands beside each text.
 */
final class Rendering {
  private final String template;
  private final Tokenizer tokenizer;
  private final TokenSequence tokens = new TokenSequence();
  private final StringBuilder pending = new StringBuilder();
  private final BitSet pendingLoss = new BitSet(); // characters of what is pending
  private int before = TextPlace.NOTHING;

  Rendering(String template, Tokenizer tokenizer) {
    this.template = template;
    this.tokenizer = tokenizer;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Adds a text that carries no loss. */
  Rendering text(String text) {
    return text(text, false);
  }

  /** Adds what the model is trained to say. */
  Rendering answer(String text) {
    return text(text, true);
  }

  /** Adds a control token by its name, without loss. */
  Rendering control(String token) {
    return id(lookUp(token), false);
  }

  /** Adds a control token that the model is trained to say. */
  Rendering answerControl(String token) {
    return id(lookUp(token), true);
  }

  /** Begins a sequence: adds what the tokenizer puts in front of every text, often nothing. */
  Rendering begin() {
    flush(TextPlace.NOTHING);
    int[] ids = tokenizer.beginIds();
    tokens.addAll(ids, false);
    before = ids.length > 0 ? TextPlace.NOTHING : before;
    return this;
  }

  /** Adds the tokenizer's end token, which the model is trained to say. */
  Rendering answerEnd() {
    return id(tokenizer.eosId(), true);
  }

  /** Adds the tokenizer's end token, without loss. */
  Rendering end() {
    return id(tokenizer.eosId(), false);
  }

  /** Adds a name as a control token where the tokenizer has it as one, as a text otherwise. */
  Rendering tag(String name) {
    return tokenizer.controlTokens().containsKey(name) ? control(name) : text(name);
  }

  Rendering text(String text, boolean loss) {
    pendingLoss.set(pending.length(), pending.length() + text.length(), loss);
    pending.append(text);
    return this;
  }

  int[] ids() {
    flush(TextPlace.NOTHING);
    return tokens.ids();
  }

  boolean[] loss() {
    flush(TextPlace.NOTHING);
    return tokens.loss();
  }

  private Rendering id(int id, boolean loss) {
    flush(id);
    tokens.add(id, loss);
    before = id;
    return this;
  }

  /** The tokenizer's end token and another one, where it has that. */
  static int[] endAnd(String token, Tokenizer tokenizer) {
    Integer id = tokenizer.controlTokens().get(token);
    return id == null || id == tokenizer.eosId()
        ? new int[] {tokenizer.eosId()}
        : new int[] {tokenizer.eosId(), id};
  }

  private int lookUp(String token) {
    Integer id = tokenizer.controlTokens().get(token);
    if (id == null) {
      throw new ConfigException(
          "template %s needs the control token \"%s\", which the tokenizer does not have; use"
                  .formatted(template, token)
              + " another template, or a tokenizer made for this one");
    }
    return id;
  }

  private void flush(int after) {
    if (pending.isEmpty()) {
      return;
    }
    String text = pending.toString();
    pending.setLength(0);
    tokens.addAll(tokenizer.encode(text, new TextPlace(before, after), pendingLoss));
    pendingLoss.clear();
  }
}
