/**
 * MBPP (Austin et al. 2021): how its problems are read and put, and how the programs that a model
 * writes run against their assertions, in the sandbox alone.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.mbpp;

import org.jspecify.annotations.NullMarked;
