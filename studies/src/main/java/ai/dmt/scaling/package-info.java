/**
 * Laws of how an ability grows with the amount of data, fitted by least squares. Knows nothing of
 * studies and of the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.scaling;

import org.jspecify.annotations.NullMarked;
