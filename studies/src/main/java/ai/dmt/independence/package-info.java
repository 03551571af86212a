/**
 * Whether abilities of a jointly trained model can be changed one by one: task vectors added,
 * scaled and taken away, and training on one ability, with all others measured. Knows nothing of
 * the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.independence;

import org.jspecify.annotations.NullMarked;
