/**
 * Starts the ranks of a node as processes, watches them, and ends all when one fails. Knows nothing
 * of what they do.
 */
package ai.dmt.launch;
