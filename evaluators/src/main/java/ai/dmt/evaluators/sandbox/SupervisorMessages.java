package ai.dmt.evaluators.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The two lines of JSON that go to supervisor.py and come back; it documents their fields. */
final class SupervisorMessages {
  private static final int VALUE_BYTES = 2 << 20;

  /** JSON may make six characters of one. */
  static final int MAX_OUTCOME_BYTES = 6 * VALUE_BYTES + (1 << 16);

  /** Escapes keep half of a surrogate pair what it is: a fault for Python to find. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private SupervisorMessages() {}

  /**
   * The request, with its line end.
   *
   * @param decoys true runs the program with decoys of its tests
   * @param uid to run under; null leaves it as it is
   */
  static String request(
      PythonProgram program,
      boolean decoys,
      SandboxLimits limits,
      PythonInterpreter python,
      @Nullable Integer uid) {
    ObjectNode request = JSON.createObjectNode();
    request.putNull("programs");
    request.put("program", program.source());
    request.put("tests", program.tests());
    request.put("decoys", decoys);
    request.put("function", program.function());
    request.set("argument", program.argument());
    return line(request, limits, python, uid);
  }

  /** The request for programs with tests, one after another, of which those that are plain run. */
  static String request(
      List<PythonProgram> programs,
      SandboxLimits limits,
      PythonInterpreter python,
      @Nullable Integer uid) {
    ObjectNode request = JSON.createObjectNode();
    ArrayNode all = request.putArray("programs");
    for (PythonProgram program : programs) {
      all.addObject().put("program", program.source()).put("tests", program.tests());
    }
    request.putNull("function").putNull("argument");
    return line(request, limits, python, uid);
  }

  private static String line(
      ObjectNode request, SandboxLimits limits, PythonInterpreter python, @Nullable Integer uid) {
    request.put("seconds", limits.wallClock().toMillis() / 1000.0);
    request.put("memory_bytes", limits.memoryBytes());
    request.put("processes", limits.processes());
    request.put("output_bytes", limits.outputBytes());
    request.put("file_bytes", limits.fileBytes());
    request.put("value_bytes", VALUE_BYTES);
    request.put("uid", uid);
    ArrayNode modulePath = request.putArray("module_path");
    for (Path folder : python.modulePath()) {
      modulePath.add(folder.toString());
    }
    try {
      return JSON.writeValueAsString(request) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the argument is no JSON: " + request.get("argument"), e);
    }
  }

  /**
   * The outcome in what a supervisor wrote.
   *
   * @return null if there is none
   */
  static @Nullable ProgramOutcome outcome(String text) {
    try {
      return outcome(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /**
   * The outcomes of programs that were sent together.
   *
   * @param count of programs
   * @return empty for each that needs a sandbox of its own; null if there are not as many
   */
  static @Nullable List<Optional<ProgramOutcome>> outcomes(String text, int count) {
    try {
      JsonNode answers = JSON.readTree(text).path("outcomes");
      if (answers.size() != count) {
        return null;
      }
      List<Optional<ProgramOutcome>> outcomes = new ArrayList<>();
      answers.forEach(answer -> outcomes.add(Optional.ofNullable(outcome(answer))));
      return outcomes;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static @Nullable ProgramOutcome outcome(JsonNode outcome) {
    try {
      if (outcome.path("status").isTextual() && outcome.path("detail").isTextual()) {
        String status = outcome.get("status").asText().toUpperCase(Locale.ROOT).replace(' ', '_');
        return new ProgramOutcome(
            ProgramOutcome.Status.valueOf(status),
            outcome.get("detail").asText(),
            outcome.get("value"));
      }
      return null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
