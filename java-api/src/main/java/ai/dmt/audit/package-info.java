/**
 * What a person wants to know of training data before it is trained on: lengths, what was cut and
 * left out, copies, and overlap with benchmarks.
 */
package ai.dmt.audit;
