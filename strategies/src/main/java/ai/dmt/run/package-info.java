/**
 * A fine-tuning run from files to a model folder: settings by name, checks before weights are
 * loaded, held-out samples, metrics and checkpoints, with events for whoever prints. {@link
 * ai.dmt.run.FineTuning} is where to begin. Knows nothing of the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.run;

import org.jspecify.annotations.NullMarked;
