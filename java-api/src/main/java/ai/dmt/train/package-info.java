/**
 * The training loop: {@link ai.dmt.train.Trainer} runs it, {@link ai.dmt.train.TrainConfig} says
 * how long and how fast, {@link ai.dmt.train.TrainingListener}s see every step. The order of
 * samples is a pure function of the seed.
 */
package ai.dmt.train;
