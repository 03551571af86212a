package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * What transformers makes of a folder's files.
 *
 * @param json a tokenizer.json: model and what stands around it, without added tokens
 * @param vocabulary ids of the model's tokens
 * @param added tokens beside the model's
 * @param named tokens by their use, such as {@code eos_token}
 * @param around what is put around a text
 * @param cleansUp whether spaces in front of punctuation go when a text is decoded
 * @param size ids that the files state are below it
 * @param notes what a user should know
 */
record ResolvedTokenizer(
    ObjectNode json,
    Map<String, Integer> vocabulary,
    AddedVocabulary added,
    Map<String, AddedToken> named,
    PostProcessor around,
    boolean cleansUp,
    int size,
    List<String> notes) {}
