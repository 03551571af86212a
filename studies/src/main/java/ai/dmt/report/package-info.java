/**
 * The report of a study: figures, tables and the page that holds them. Knows nothing of the command
 * line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.report;

import org.jspecify.annotations.NullMarked;
