/**
 * What configuration records share: faults are collected, so that a user sees all of them at once,
 * and thrown as one {@link ai.dmt.config.ConfigException}.
 */
package ai.dmt.config;
