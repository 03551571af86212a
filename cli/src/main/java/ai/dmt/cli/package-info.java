/** The command line: one class per command, and {@link ai.dmt.cli.Main} that lists them. */
package ai.dmt.cli;
