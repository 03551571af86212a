/**
 * Rejection-sampling fine-tuning data, as the paper's math source: worked answers that a model
 * samples to questions of GSM8K, of which the right ones with different equations are kept. The
 * rules are pure; {@link ai.dmt.rft.PathSampling} alone needs a model.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.rft;

import org.jspecify.annotations.NullMarked;
