package ai.dmt.engine;

/**
 * What a step of a simulated rank would take among real ones, in seconds; see {@link
 * NativeEngine#predictedStep}.
 *
 * @param seconds of the step
 * @param computation of these; as measured
 * @param slowDown of these; matrix products lose speed while collectives run beside them
 * @param exposed of these; nothing is left to compute beside the collectives
 * @param communication all collectives, hidden or not
 */
public record StepPrediction(
    double seconds, double computation, double slowDown, double exposed, double communication) {}
