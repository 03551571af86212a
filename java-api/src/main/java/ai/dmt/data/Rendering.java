package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.TextPlace;
import ai.dmt.tokenizer.Tokenizer;

/**
 * A conversation while a template writes it: texts and control tokens, each with or without loss,
 * become ids one after the other.
 *
 * <p>Neighbouring texts of the same kind are encoded as one. A text without loss and the text with
 * loss after it are encoded apart, on the border that generation has too, but so that together they
 * read as one text. The tokenizer is told what stands beside each text.
 */
final class Rendering {
  private final String template;
  private final Tokenizer tokenizer;
  private final TokenSequence tokens = new TokenSequence();
  private final StringBuilder pending = new StringBuilder();
  private boolean pendingLoss;
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
    tokens.addAll(tokenizer.beginIds(), false);
    before = TextPlace.NOTHING;
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
    if (text.isEmpty()) {
      return this;
    }
    if (loss != pendingLoss) {
      flush(TextPlace.TEXT);
    }
    pendingLoss = loss;
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
    int[] ids = tokenizer.encode(text, new TextPlace(before, after));
    tokens.addAll(ids, pendingLoss);
    before = ids.length == 0 ? before : TextPlace.TEXT; // white space that a control token took
  }
}
