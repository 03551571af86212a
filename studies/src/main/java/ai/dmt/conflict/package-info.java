/**
 * What makes sources of data conflict: the directions of their gradients at the same weights, how
 * much of their text is the same, and which of such factors tell beforehand where one source harms
 * the ability that another one trains.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.conflict;

import org.jspecify.annotations.NullMarked;
