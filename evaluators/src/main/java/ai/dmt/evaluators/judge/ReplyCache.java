package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.json.PythonJson;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.WholeFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Replies on disk, one file each: {@code {"request", "repeat", "reply", "tstamp"}}, named by the
 * hash of request and repeat. Files appear complete or not at all, so processes may share a folder.
 */
final class ReplyCache {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final JudgeListener listener;

  ReplyCache(Path folder, JudgeListener listener) {
    this.folder = folder;
    this.listener = listener;
  }

  /** The reply to a request; empty if there is none, or none that can be trusted. */
  Optional<Reply> find(ChatRequest request, int repeat) {
    Path file = file(request, repeat);
    JsonNode entry;
    try {
      entry = JSON.readTree(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return damaged(file, "is malformed JSON");
    } catch (IOException e) {
      return damaged(file, "cannot be read: " + Disk.reason(e));
    }
    if (!entry.path("reply").isTextual() || !entry.path("tstamp").isNumber()) {
      return damaged(file, "lacks \"reply\" or \"tstamp\"");
    }
    boolean same =
        PythonJson.write(entry.path("request")).equals(request.body())
            && entry.path("repeat").asInt(-1) == repeat;
    if (!same) {
      return damaged(file, "holds the reply to another request");
    }
    return Optional.of(new Reply(entry.get("reply").textValue(), entry.get("tstamp").asDouble()));
  }

  private Optional<Reply> damaged(Path file, String fault) {
    listener.onDamagedReply(file, fault);
    return Optional.empty();
  }

  /** Keeps a reply. */
  void put(ChatRequest request, int repeat, Reply reply) {
    Path file = file(request, repeat);
    try {
      ObjectNode entry = JsonNodeFactory.instance.objectNode();
      entry.set("request", JSON.readTree(request.body()));
      entry.put("repeat", repeat).put("reply", reply.text()).put("tstamp", reply.timestamp());
      WholeFile.replace(file, PythonJson.write(entry) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("the reply cannot be kept in " + file + ": " + e, e);
    }
  }

  private Path file(ChatRequest request, int repeat) {
    String key = request.key(repeat);
    return folder.resolve(key.substring(0, 2)).resolve(key + ".json");
  }
}
