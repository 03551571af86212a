/**
 * What a person wants to know of training data before it is trained on: lengths, what was cut and
 * left out, copies, and overlap with benchmarks.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.audit;

import org.jspecify.annotations.NullMarked;
