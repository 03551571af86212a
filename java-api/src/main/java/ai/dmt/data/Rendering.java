package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * A conversation while a template writes it: texts and control tokens, each with or without loss,
 * become ids one after the other.
 *
 * <p>Neighbouring texts of the same kind are encoded as one. A text without loss and the text with
 * loss after it are encoded apart, on the border that generation has too, but so that together they
 * read as one text: a tokenizer that puts a space in front of every text does so only after a
 * control token.
 */
final class Rendering {
  /** Texts that no tokenizer joins with what follows them; tried in turn. */
  private static final String[] ANCHORS = {"\n", "|", "\u0001"};

  private final String template;
  private final Tokenizer tokenizer;
  private final TokenSequence tokens = new TokenSequence();
  private final StringBuilder pending = new StringBuilder();
  private boolean pendingLoss;
  private boolean followsText;

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

  /** Adds the token that begins every sequence. */
  Rendering begin() {
    return id(tokenizer.bosId(), false);
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
      flush();
    }
    pendingLoss = loss;
    pending.append(text);
    return this;
  }

  int[] ids() {
    flush();
    return tokens.ids();
  }

  boolean[] loss() {
    flush();
    return tokens.loss();
  }

  private Rendering id(int id, boolean loss) {
    flush();
    tokens.add(id, loss);
    followsText = false;
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

  private void flush() {
    if (pending.isEmpty()) {
      return;
    }
    String text = pending.toString();
    pending.setLength(0);
    tokens.addAll(
        followsText && tokenizer.addsPrefixSpace() ? continuation(text) : tokenizer.encode(text),
        pendingLoss);
    followsText = true;
  }

  /** Ids of a text that follows another: its own first space is the one the tokenizer adds. */
  private int[] continuation(String text) {
    if (text.startsWith(" ")) {
      return tokenizer.encode(text.substring(1));
    }
    for (String anchor : ANCHORS) {
      int[] before = tokenizer.encode(anchor);
      int[] both = tokenizer.encode(anchor + text);
      int length = before.length;
      if (both.length > length && Arrays.equals(before, 0, length, both, 0, length)) {
        return Arrays.copyOfRange(both, length, both.length);
      }
    }
    throw new ConfigException(
        "template %s goes on without a space, which this tokenizer cannot express"
            .formatted(template));
  }
}
