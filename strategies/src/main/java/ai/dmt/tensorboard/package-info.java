/**
 * Event files as TensorBoard reads them: {@link ai.dmt.tensorboard.EventFile} writes numbers and
 * texts of steps. Knows nothing of training.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.tensorboard;

import org.jspecify.annotations.NullMarked;
