package ai.dmt.generate;

/**
 * What a model said after a prompt.
 *
 * @param id of the request
 * @param text exact continuation of the prompt, without the stop string; it may begin with a space,
 *     see {@link ai.dmt.data.ChatTemplate#answer}
 * @param tokenIds generated tokens without the stop id; those of a stop string are there
 * @param reason why it ended
 */
public record Completion(String id, String text, int[] tokenIds, FinishReason reason) {}
