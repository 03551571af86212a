/**
 * Self-checks of an installation: golden cases that another implementation computed, and what the
 * machine offers. Knows nothing of the command line.
 */
package ai.dmt.doctor;
