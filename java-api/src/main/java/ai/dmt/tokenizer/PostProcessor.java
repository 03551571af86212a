package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The ids that the post-processor of a tokenizer.json puts around a text.
 *
 * @param before in front of the text
 * @param after behind it
 */
record PostProcessor(List<Integer> before, List<Integer> after) {
  /** Adds nothing. */
  static final PostProcessor NONE = new PostProcessor(List.of(), List.of());

  /**
   * Reads the file's part.
   *
   * @throws IllegalArgumentException if it is none that is known
   */
  static PostProcessor read(JsonNode part) {
    return switch (part.path("type").asText("")) {
      case "", "ByteLevel" -> NONE;
      case "Sequence" -> sequence(part.path("processors"));
      case "TemplateProcessing" -> template(part);
      case "RobertaProcessing", "BertProcessing" ->
          new PostProcessor(
              List.of(part.path("cls").path(1).asInt()), List.of(part.path("sep").path(1).asInt()));
      default ->
          throw new IllegalArgumentException(
              "its post_processor is of type \"%s\", which is not supported"
                  .formatted(part.path("type").asText()));
    };
  }

  private static PostProcessor sequence(JsonNode processors) {
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    for (JsonNode processor : processors) {
      if (processor.path("type").asText().equals("Sequence")) {
        throw new IllegalArgumentException("its post_processor has a sequence in a sequence");
      }
      PostProcessor one = read(processor);
      before.addAll(0, one.before());
      after.addAll(one.after());
    }
    return new PostProcessor(before, after);
  }

  private static PostProcessor template(JsonNode part) {
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    boolean behind = false;
    for (JsonNode piece : part.path("single")) {
      if (piece.has("Sequence")) {
        behind = true;
      }
      String token = piece.path("SpecialToken").path("id").asText();
      for (JsonNode id : part.path("special_tokens").path(token).path("ids")) {
        (behind ? after : before).add(id.asInt());
      }
    }
    return new PostProcessor(before, after);
  }
}
