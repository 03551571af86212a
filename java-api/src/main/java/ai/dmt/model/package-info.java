/**
 * A model folder: what it says of itself, and a model that completes prompts.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.model;

import org.jspecify.annotations.NullMarked;
