/**
 * Studies: the paper's questions as cells, the stages that cells share as nodes of a graph, and
 * their execution node by node by any number of processes on one folder. Knows nothing of the
 * command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.study;

import org.jspecify.annotations.NullMarked;
