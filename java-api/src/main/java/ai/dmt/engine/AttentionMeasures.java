package ai.dmt.engine;

/**
 * What a head attends to in a document, mean over the document's positions.
 *
 * @param entropy of the attention of a position, in nats
 * @param distance back to what is attended to, in positions
 * @param first share of the document's first position, in [0, 1]
 * @param moved share that lies on other positions than in another model, in [0, 1] (total
 *     variation)
 */
public record AttentionMeasures(double entropy, double distance, double first, double moved) {}
