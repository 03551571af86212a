package ai.dmt.serve;

import ai.dmt.config.ConfigException;
import ai.dmt.config.DmtException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.JinjaTemplate;
import ai.dmt.data.Origin;
import ai.dmt.data.PromptTemplate;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.internal.text.Printable;
import ai.dmt.model.Model;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Reads what clients ask for, and says what of it cannot be. */
final class CallReader {
  private static final Set<String> BOTH =
      Set.of(
          "model",
          "max_tokens",
          "temperature",
          "top_p",
          "seed",
          "stop",
          "stream",
          "stream_options");
  private static final Set<String> OF_CHAT = plus("messages", "max_completion_tokens");
  private static final Set<String> OF_COMPLETION = plus("prompt");

  /** Each text that grows is compared with each of them. */
  private static final int MOST_STOPS = 16;

  private static final int LONGEST_STOP = 256;
  private static final int MOST_PROMPTS = 128;

  /** What OpenAI's completions take where a request says nothing. */
  private static final int COMPLETION_TOKENS = 16;

  private final Model model;
  private final ServedModels models;
  private final ChatTemplate none = new PromptTemplate();
  private final SamplingConfig sampling;
  private final int maxTokens;
  private final AtomicLong calls = new AtomicLong();

  /** A reader for one model. @param models that clients can name */
  CallReader(Model model, ServedModels models, SamplingConfig sampling, int maxTokens) {
    this.model = model;
    this.models = models;
    this.sampling = sampling;
    this.maxTokens = maxTokens;
  }

  private static Set<String> plus(String... names) {
    Set<String> all = new java.util.TreeSet<>(BOTH);
    all.addAll(List.of(names));
    return Set.copyOf(all);
  }

  /** A conversation. @param body as it was sent */
  CompletionCall chat(JsonNode body) throws ApiException {
    RequestFields fields = RequestFields.of(body, OF_CHAT);
    ServedModels.Served served = models.find(fields.text("model"));
    ChatTemplate template = served.template();
    // A client that makes a template exceed its limits must not end it for the others.
    ChatTemplate own = template instanceof JinjaTemplate jinja ? jinja.anew() : template;
    int[] prompt = encoded(conversation(fields.node("messages")), own, "messages");
    OptionalInt given = mostTokens(fields);
    return call(true, served, fields, List.of(prompt), given, maxTokens);
  }

  /** Prompts to continue. @param body as it was sent */
  CompletionCall completion(JsonNode body) throws ApiException {
    RequestFields fields = RequestFields.of(body, OF_COMPLETION);
    ServedModels.Served served = models.find(fields.text("model"));
    List<int[]> prompts = prompts(fields.node("prompt"));
    OptionalInt given = fields.positive("max_tokens");
    return call(false, served, fields, prompts, given, COMPLETION_TOKENS);
  }

  private static OptionalInt mostTokens(RequestFields fields) throws ApiException {
    OptionalInt old = fields.positive("max_tokens");
    OptionalInt given = fields.positive("max_completion_tokens");
    if (old.isPresent() && given.isPresent() && !old.equals(given)) {
      throw ApiException.badRequest(
          "max_tokens",
          "max_tokens is %s, max_completion_tokens %s; give one of them"
              .formatted(old.getAsInt(), given.getAsInt()));
    }
    return given.isPresent() ? given : old;
  }

  private CompletionCall call(
      boolean chat,
      ServedModels.Served served,
      RequestFields fields,
      List<int[]> prompts,
      OptionalInt given,
      int otherwise)
      throws ApiException {
    for (int[] prompt : prompts) {
      demandRoom(prompt.length, given, chat ? "messages" : "prompt");
    }
    ChatTemplate writer = chat ? served.template() : none;
    long seed = fields.wholeNumber("seed").orElse(sampling.seed() + calls.getAndIncrement());
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      String id = Integer.toString(i);
      requests.add(new GenerationRequest(id, prompts.get(i), seed + i, served.adapter()));
    }
    boolean streamed = fields.flag("stream");
    return new CompletionCall(
        served.name(),
        chat,
        requests,
        model.withStops(generation(fields, given.orElse(otherwise)), writer),
        writer,
        streamed,
        withUsage(fields.node("stream_options"), streamed));
  }

  private void demandRoom(int length, OptionalInt given, String parameter) throws ApiException {
    if (length >= maxTokens || given.isPresent() && (long) length + given.getAsInt() > maxTokens) {
      String asked =
          given.isPresent() ? given.getAsInt() + " are asked for" : "an answer needs one";
      throw ApiException.tooLong(
          parameter,
          "the prompt has %s tokens and %s; this model takes %s together"
              .formatted(length, asked, maxTokens));
    }
    if (length == 0) {
      throw ApiException.badRequest(parameter, parameter + " must have a token at least");
    }
  }

  private GenerationConfig generation(RequestFields fields, int maxNewTokens) throws ApiException {
    double temperature = fields.number("temperature").orElse(sampling.temperature());
    double topP = fields.number("top_p").orElse(sampling.topP());
    List<String> stops = fields.texts("stop", MOST_STOPS, LONGEST_STOP);
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw ApiException.badRequest(
          "temperature", "temperature must be finite and not negative, got " + temperature);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw ApiException.badRequest("top_p", "top_p must be in (0, 1], got " + topP);
    }
    return new GenerationConfig(
        maxNewTokens, new SamplingConfig(temperature, topP, 0), stops, Set.of(), 1);
  }

  private static boolean withUsage(JsonNode options, boolean streamed) throws ApiException {
    if (options.isMissingNode()) {
      return false;
    }
    if (!streamed) {
      throw ApiException.badRequest("stream_options", "stream_options needs \"stream\": true");
    }
    RequestFields fields =
        RequestFields.of(options, Set.of("include_usage", "include_obfuscation"));
    return fields.flag("include_usage");
  }

  private Conversation conversation(JsonNode messages) throws ApiException {
    if (!messages.isArray() || messages.isEmpty()) {
      throw ApiException.badRequest("messages", "messages must be an array, not empty");
    }
    if (messages.size() >= maxTokens) { // each takes a token at least; no template need try
      throw ApiException.tooLong(
          "messages",
          "there are %s messages; this model takes %s tokens"
              .formatted(messages.size(), maxTokens));
    }
    List<Turn> turns = new ArrayList<>();
    for (int m = 0; m < messages.size(); m++) {
      String place = "messages[%s]".formatted(m);
      JsonNode message = messages.get(m);
      turns.add(new Turn(role(message, place), content(message.path("content"), place)));
    }
    if (turns.get(turns.size() - 1).role() != Role.USER) {
      throw ApiException.badRequest("messages", "the last message must be the user's");
    }
    try {
      return new Conversation("", Origin.UNKNOWN, turns);
    } catch (DmtException e) {
      throw ApiException.badRequest("messages", e.getMessage());
    }
  }

  private static Role role(JsonNode message, String place) throws ApiException {
    String role = message.path("role").asText();
    return switch (role) {
      case "system", "developer" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default ->
          throw ApiException.badRequest(
              place + ".role",
              "%s.role must be system, developer, user or assistant, got \"%s\""
                  .formatted(place, Printable.value(role)));
    };
  }

  /** A string, or parts of which each is a text. */
  private static String content(JsonNode content, String place) throws ApiException {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder text = new StringBuilder();
    boolean texts = content.isArray() && !content.isEmpty();
    for (JsonNode part : content) {
      texts &= part.path("type").asText().equals("text") && part.path("text").isTextual();
      text.append(part.path("text").asText());
    }
    if (!texts) {
      throw ApiException.badRequest(
          place + ".content",
          place + ".content must be a string, or an array of parts of the type \"text\"");
    }
    return text.toString();
  }

  private List<int[]> prompts(JsonNode prompt) throws ApiException {
    List<int[]> prompts = new ArrayList<>();
    if (prompt.isTextual()) {
      prompts.add(encoded(prompt));
    } else if (prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber()) {
      prompts.add(tokens(prompt));
    } else if (prompt.isArray() && prompt.size() <= MOST_PROMPTS) {
      for (JsonNode each : prompt) {
        prompts.add(each.isArray() ? tokens(each) : encoded(each));
      }
    }
    if (prompts.isEmpty()) {
      throw ApiException.badRequest(
          "prompt",
          "prompt must be a string, an array of token ids, or an array of 1 to %s of either"
              .formatted(MOST_PROMPTS));
    }
    return prompts;
  }

  private int[] encoded(JsonNode prompt) throws ApiException {
    if (!prompt.isTextual()) {
      throw ApiException.badRequest(
          "prompt", "a prompt must be a string, got " + Printable.value(prompt.toString()));
    }
    return encoded(Conversation.of(Turn.user(prompt.textValue())), none, "prompt");
  }

  private int[] encoded(Conversation conversation, ChatTemplate writer, String parameter)
      throws ApiException {
    try {
      return model.encode(conversation, writer);
    } catch (ConfigException e) {
      throw ApiException.ofServer(500, "model", e.getMessage()); // the tokenizer is another's
    } catch (DmtException e) {
      throw ApiException.badRequest(parameter, e.getMessage());
    }
  }

  private int[] tokens(JsonNode ids) throws ApiException {
    int vocabulary = model.info().vocabSize();
    int[] tokens = new int[ids.size()];
    for (int t = 0; t < tokens.length; t++) {
      JsonNode id = ids.get(t);
      if (!id.isInt() || id.intValue() < 0 || id.intValue() >= vocabulary) {
        throw ApiException.badRequest(
            "prompt",
            "a token id must be a whole number from 0 to %s, got %s"
                .formatted(vocabulary - 1, Printable.value(id.toString())));
      }
      tokens[t] = id.intValue();
    }
    return tokens;
  }
}
