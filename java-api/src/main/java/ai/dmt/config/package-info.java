/**
 * What configuration records share: faults are collected, so that a user sees all of them at once,
 * and thrown as one {@link ai.dmt.config.ConfigException}.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.config;

import org.jspecify.annotations.NullMarked;
