/** The audit of training data as a page: what {@code dmt prepare --report} writes. */
@NullMarked
package ai.dmt.dashboard;

import org.jspecify.annotations.NullMarked;
