package ai.dmt.serve;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.model.Model;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What requests can name as their model: the base, and each adapter beside it. */
final class ServedModels {
  /**
   * A model for clients.
   *
   * @param name that they call it by
   * @param adapter that it is; empty for the base
   * @param template that its conversations are written with
   */
  record Served(String name, Optional<String> adapter, ChatTemplate template) {}

  private final List<Served> all = new ArrayList<>(); // the base first
  private final long created = System.currentTimeMillis() / 1000;
  private final int maxTokens;

  /** Those of a model. @param base name of the model without an adapter */
  ServedModels(Model model, String base, ServerSettings settings, int maxTokens) {
    this.maxTokens = maxTokens;
    Optional<ChatTemplate> given = settings.template();
    all.add(new Served(base, Optional.empty(), given.orElseGet(model::template)));
    for (String adapter : model.adapters().keySet()) {
      if (adapter.equals(base)) {
        throw new ConfigException(
            "the model and an adapter are both called \"%s\"; give the model another name (--model-name, or ServerSettings.withModelName)"
                .formatted(base));
      }
      ChatTemplate template = given.orElseGet(() -> model.template(adapter));
      all.add(new Served(adapter, Optional.of(adapter), template));
    }
  }

  /** The one that a request means. @param name that it gives; empty for the base */
  Served find(Optional<String> name) throws ApiException {
    if (name.isEmpty()) {
      return all.get(0);
    }
    for (Served served : all) {
      if (served.name().equals(name.get())) {
        return served;
      }
    }
    throw ApiException.noSuchModel(name.get(), all.stream().map(Served::name).toList());
  }

  /** The list of all, in OpenAI's form. */
  ObjectNode list() {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = body.putArray("data");
    all.forEach(served -> data.add(json(served)));
    return body;
  }

  /** One of the list. */
  ObjectNode json(Served served) {
    String base = all.get(0).name();
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", served.name())
        .put("object", "model")
        .put("created", created)
        .put("owned_by", "dmt")
        .put("root", base)
        .put("parent", served.adapter().isPresent() ? base : null)
        .put("max_model_len", maxTokens);
  }
}
