/**
 * Checkpoints: the state of a run on the disk, whole or not at all, and how another process goes on
 * from it.
 */
package ai.dmt.train.checkpoint;
