import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Role;
import ai.dmt.data.TemplateNames;
import ai.dmt.data.Turn;
import ai.dmt.tokenizer.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What dmt makes of the folders that compare_tokenizers.py made: a line of JSON for each. */
public final class TokenIds {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (JsonNode job : JSON.readTree(Path.of(args[0]).toFile())) {
      ObjectNode row = JSON.createObjectNode();
      try {
        answer(job, row);
      } catch (RuntimeException e) {
        row.put("error", e.toString());
      }
      out.println(JSON.writeValueAsString(row));
    }
  }

  private static void answer(JsonNode job, ObjectNode row) {
    Path folder = Path.of(job.get("folder").textValue());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      ChatTemplate none = ChatTemplate.byName("none");
      for (JsonNode text : job.get("texts")) {
        Conversation conversation = Conversation.of(Turn.user(text.textValue()));
        row.withArray("texts").addPOJO(none.encodePrompt(conversation, tokenizer));
      }
      for (JsonNode ids : job.get("ids")) {
        row.withArray("decoded").add(tokenizer.decode(JSON.convertValue(ids, int[].class)));
      }
      for (JsonNode chat : job.get("chats")) {
        ChatTemplate template = TemplateNames.find(TemplateNames.CHAT_TEMPLATE, folder);
        row.withArray("chats").addPOJO(template.encodePrompt(conversation(chat), tokenizer));
      }
      for (JsonNode chat : job.get("trained")) {
        ChatTemplate template = TemplateNames.find(TemplateNames.CHAT_TEMPLATE, folder);
        EncodedSample sample = template.encode(conversation(chat), tokenizer);
        int[] loss = new int[sample.carriesLoss().length];
        for (int t = 0; t < loss.length; t++) {
          loss[t] = sample.carriesLoss()[t] ? 1 : 0;
        }
        row.withArray("trained").addArray().addPOJO(sample.tokenIds()).addPOJO(loss);
      }
    }
  }

  private static Conversation conversation(JsonNode chat) {
    List<Turn> turns = new ArrayList<>();
    for (JsonNode turn : chat) {
      Role role = Role.valueOf(turn.get("role").textValue().toUpperCase(Locale.ROOT));
      turns.add(new Turn(role, turn.get("content").textValue()));
    }
    return Conversation.of(turns.toArray(Turn[]::new));
  }
}
