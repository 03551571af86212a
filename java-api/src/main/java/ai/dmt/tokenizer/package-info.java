/**
 * Text to token ids and back. A folder's files are read as transformers reads them ({@link
 * ai.dmt.tokenizer.FolderRules}), whatever they are becomes one tokenizer.json, and Hugging Face's
 * library encodes with it. Files are checked before the library sees them, nothing uses the
 * network, and control tokens are never read out of text.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.tokenizer;

import org.jspecify.annotations.NullMarked;
