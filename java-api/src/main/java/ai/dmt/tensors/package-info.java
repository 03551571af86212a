/**
 * Safetensors files read from Java, for checks before and beside the engine.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.tensors;

import org.jspecify.annotations.NullMarked;
