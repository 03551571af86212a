/**
 * From files to samples: readers give {@link ai.dmt.data.Conversation}s, {@link
 * ai.dmt.data.ConversationPreparation} cleans and splits them, a {@link ai.dmt.data.ChatTemplate}
 * renders them as tokens with the spans that carry loss, and a {@link ai.dmt.data.SequencePacker}
 * chooses which samples go through the model together.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.data;

import org.jspecify.annotations.NullMarked;
