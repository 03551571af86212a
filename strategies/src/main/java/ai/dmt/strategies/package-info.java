/**
 * How sources become a schedule: the strategies of the paper, a user's own by service, the paper's
 * runs as presets, and the plan of a run as text and JSON. {@link ai.dmt.strategies.SchedulePlan}
 * is where to begin. Nothing here trains, or loads native code.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.strategies;

import org.jspecify.annotations.NullMarked;
