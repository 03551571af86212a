/** Prompts from JSON lines and completions back to them. Knows nothing of the command line. */
package ai.dmt.completion;
