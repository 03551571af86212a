/**
 * Mutants of files against readers, in a JVM of their own, so that a crash is seen; shipped in the
 * test-jar for the readers of other modules.
 */
package ai.dmt.fuzz;
