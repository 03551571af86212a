/**
 * What the attention heads of two models look at, how far it moved between them, and which heads
 * which ability needs. Knows nothing of the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.attention;

import org.jspecify.annotations.NullMarked;
