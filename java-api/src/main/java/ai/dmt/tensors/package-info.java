/** Safetensors files read from Java, for checks before and beside the engine. */
package ai.dmt.tensors;
