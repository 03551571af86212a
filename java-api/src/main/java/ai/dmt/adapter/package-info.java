/**
 * Low-rank adapters (LoRA) as settings and as folders: PEFT's adapter_config.json and
 * adapter_model.safetensors, read and written, and the base model that such a folder names.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.adapter;

import org.jspecify.annotations.NullMarked;
