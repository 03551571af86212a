/**
 * How the ranks of a run find each other: what the environment says about them, their meeting at
 * one address, and the process groups that their engines talk through.
 *
 * <p>Only {@link ai.dmt.dist.ProcessGroups} touches native code.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.dist;

import org.jspecify.annotations.NullMarked;
