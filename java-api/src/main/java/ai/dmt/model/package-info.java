/** A model folder: what it says of itself, and a model that completes prompts. */
package ai.dmt.model;
