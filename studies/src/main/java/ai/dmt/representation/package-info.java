/**
 * What models make of queries inside: hidden states by layer, their principal components and t-SNE,
 * linear probes, and how alike two models are. Knows nothing of the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.representation;

import org.jspecify.annotations.NullMarked;
