/**
 * Runs untrusted Python programs: each in a bubblewrap sandbox of its own, without network, under
 * limits, and with a verdict that the program's exit, output or exceptions cannot forge. See {@link
 * ai.dmt.evaluators.sandbox.Sandbox} for what is held and what is not.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.sandbox;

import org.jspecify.annotations.NullMarked;
