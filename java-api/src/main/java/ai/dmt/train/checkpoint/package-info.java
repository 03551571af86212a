/**
 * Checkpoints: the state of a run on the disk, whole or not at all, and how another process goes on
 * from it.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.train.checkpoint;

import org.jspecify.annotations.NullMarked;
