/**
 * Text to token ids and back, by well-kept libraries: SentencePiece for {@code tokenizer.model},
 * Hugging Face's for {@code tokenizer.json}. Both give the same ids, work offline, and never read
 * control tokens out of text.
 */
package ai.dmt.tokenizer;
