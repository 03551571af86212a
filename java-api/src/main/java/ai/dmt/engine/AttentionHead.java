package ai.dmt.engine;

/**
 * A head of a model.
 *
 * @param layer from 0
 * @param head query head of the layer, from 0
 */
public record AttentionHead(int layer, int head) {}
