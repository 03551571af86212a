package ai.dmt.serve;

import ai.dmt.data.ChatTemplate;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationRequest;
import java.util.List;

/**
 * What a client asks for.
 *
 * @param model name that the client is answered with
 * @param chat whether it is a conversation; otherwise prompts to be continued
 * @param requests a choice of the answer each
 * @param generation how all of them are completed
 * @param template that the prompts were written with
 * @param streamed whether text is sent while it grows
 * @param withUsage whether a stream ends with a count of tokens
 */
record CompletionCall(
    String model,
    boolean chat,
    List<GenerationRequest> requests,
    GenerationConfig generation,
    ChatTemplate template,
    boolean streamed,
    boolean withUsage) {
  int promptTokens() {
    return requests.stream().mapToInt(request -> request.prompt().length).sum();
  }
}
