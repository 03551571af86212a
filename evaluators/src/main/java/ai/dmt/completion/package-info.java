/**
 * Prompts from JSON lines and completions back to them. Knows nothing of the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.completion;

import org.jspecify.annotations.NullMarked;
