package ai.dmt.completion;

import ai.dmt.data.Conversation;
import ai.dmt.data.Origin;
import org.jspecify.annotations.Nullable;

/**
 * A prompt to complete.
 *
 * @param id as in the file, or the line's number
 * @param origin where it was read
 * @param text of the field "prompt"; null where "messages" were given
 * @param conversation whose last turn is the user's
 */
public record PromptRecord(
    String id, Origin origin, @Nullable String text, Conversation conversation) {}
