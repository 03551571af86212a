/**
 * Where the tasks of a study run beside this process: jobs of a scheduler that other people wrote.
 * Knows jobs and what they wait for, and nothing of studies.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.study.executor;

import org.jspecify.annotations.NullMarked;
