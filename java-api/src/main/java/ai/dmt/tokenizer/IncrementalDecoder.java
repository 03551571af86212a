package ai.dmt.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text of tokens that arrive one by one. A character whose bytes are spread over several tokens
 * appears once it is whole; nothing that was given out changes later. The text is the exact
 * continuation, so it begins with a space where the first token does.
 */
public final class IncrementalDecoder {
  private final Tokenizer tokenizer;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer held = ByteBuffer.allocate(16).flip();

  /**
   * Starts with no text.
   *
   * @param tokenizer that the tokens are of; it stays the caller's
   */
  public IncrementalDecoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Adds a token and returns the text that is new.
   *
   * @param id of the token; one that no token has adds nothing
   * @return text after what was returned before; empty while a character is incomplete
   */
  public String add(int id) {
    byte[] bytes = tokenizer.bytes(id);
    ByteBuffer input = ByteBuffer.allocate(held.remaining() + bytes.length);
    input.put(held).put(bytes).flip();
    CharBuffer text = CharBuffer.allocate(input.remaining() + 1);
    utf8.decode(input, text, false);
    held = input; // at most three bytes: the beginning of a character
    return text.flip().toString();
  }

  /**
   * Ends the text. The decoder starts anew.
   *
   * @return U+FFFD if a character is still incomplete, else empty
   */
  public String finish() {
    CharBuffer text = CharBuffer.allocate(8);
    utf8.decode(held, text, true);
    utf8.flush(text);
    utf8.reset();
    held = ByteBuffer.allocate(0);
    return text.flip().toString();
  }
}
