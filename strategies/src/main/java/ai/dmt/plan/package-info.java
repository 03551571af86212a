/**
 * What a run will take before it is started: memory of each rank to the byte, time from what was
 * measured or assumed of a machine, and which settings are fastest among those that fit. Loads no
 * libtorch, but to measure a machine ({@link ai.dmt.plan.Calibration}).
 */
@NullMarked
package ai.dmt.plan;

import org.jspecify.annotations.NullMarked;
