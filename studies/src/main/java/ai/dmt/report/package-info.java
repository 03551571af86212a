/**
 * The report of a study: figures, tables and the page that holds them. Knows nothing of the command
 * line.
 */
package ai.dmt.report;
