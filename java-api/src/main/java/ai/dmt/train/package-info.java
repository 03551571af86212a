/**
 * What is trained on, in which order, and the loop. A {@link ai.dmt.train.Schedule} is stages of
 * {@link ai.dmt.train.Mixture}s; {@link ai.dmt.train.ScheduleBatches} says which samples form which
 * step, as a pure function of schedule, seed and step; {@link ai.dmt.train.ScheduleTrainer} runs
 * it, {@link ai.dmt.train.TrainingListener}s see every step, {@link ai.dmt.train.Ledger} holds what
 * was asked against what came of it.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.train;

import org.jspecify.annotations.NullMarked;
