package ai.dmt.study.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests of jobs: what a site may write, and that no value becomes a part of one. */
class KubernetesTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A job whose container has some fields. */
  private static String job(String container) {
    return """
        apiVersion: batch/v1
        kind: Job
        spec:
          backoffLimit: "{{retries}}"
          template:
            spec:
              activeDeadlineSeconds: "{{seconds}}"
              containers:
                - name: a
                  volumeMounts: [{name: v, mountPath: /shared/}]
        %s
        """
        .formatted(container.indent(10).stripTrailing());
  }

  private static KubernetesTemplate parse(String text) {
    return KubernetesTemplate.parse("site.yaml", text);
  }

  private static String fault(String text) {
    return assertThrows(ConfigException.class, () -> parse(text)).getMessage();
  }

  /** Values by name, each in JSON. */
  private static Map<String, JsonNode> values(Map<String, String> json) {
    return json.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> read(each.getValue())));
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static JsonNode filled(String container, Map<String, String> values) {
    return parse(job(container)).fill(values(values));
  }

  private static JsonNode container(JsonNode job) {
    return job.at("/spec/template/spec/containers/0");
  }

  @Test
  void valuesHaveTheTypesOfTheirPlaces() {
    JsonNode job =
        filled(
            """
            args: "{{command}}"
            env:
              - {name: CPUS, value: "{{cpus}}"}
              - "{{environment}}"
            resources: {limits: {memory: "{{memory_mb}}Mi", nvidia.com/gpu: "{{gpus}}"}}
            """,
            Map.of(
                "retries", "3",
                "seconds", "60",
                "command", "[\"a\", \"b c\"]",
                "cpus", "2",
                "environment", "[{\"name\": \"X\", \"value\": \"y\"}]",
                "memory_mb", "7",
                "gpus", "1"));
    assertEquals(read("3"), job.at("/spec/backoffLimit"));
    assertEquals(read("60"), job.at("/spec/template/spec/activeDeadlineSeconds"));
    assertEquals(read("[\"a\", \"b c\"]"), container(job).path("args"));
    assertEquals(
        read("[{\"name\":\"CPUS\",\"value\":\"2\"},{\"name\":\"X\",\"value\":\"y\"}]"),
        container(job).path("env"));
    assertEquals(
        read("{\"memory\":\"7Mi\",\"nvidia.com/gpu\":1}"), container(job).at("/resources/limits"));
  }

  @Test
  void whatNobodyKnowsIsLeftOut() {
    JsonNode job =
        filled(
            """
            args: [go, "{{command}}", "{{gpus}}"]
            resources: {limits: {memory: "{{memory_mb}}Mi", nvidia.com/gpu: "{{gpus}}"}}
            """,
            Map.of("command", "[\"a\"]"));
    assertEquals(read("[\"go\",\"a\"]"), container(job).path("args"));
    assertEquals(read("{}"), container(job).at("/resources/limits"));
    assertTrue(job.at("/spec/backoffLimit").isMissingNode());
  }

  /** Kubernetes reads $(NAME) and $$ in commands and variables, and nowhere else. */
  @ParameterizedTest
  @ValueSource(strings = {"$(HOME)", "a$$b", "\": \"x", "it's\nkind: Secret", "{{gpus}}", "- a: b"})
  void aNameIsNothingButAName(String name) {
    String text = JSON.valueToTree(name).toString();
    JsonNode job =
        filled(
            """
            workingDir: "{{folder}}"
            command: [run, "{{folder}}", "$(SITE)"]
            args: "{{command}}"
            """,
            Map.of("folder", text, "command", "[" + text + "]"));
    assertEquals(name, container(job).path("workingDir").asText());
    String escaped = name.replace("$", "$$");
    assertEquals(escaped, container(job).at("/command/1").asText());
    assertEquals("$(SITE)", container(job).at("/command/2").asText());
    assertEquals(escaped, container(job).at("/args/0").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "command: [sh, -c, 'cd {{folder}}']|spec.template.spec.containers[0].command[2]: {{folder}} must be all",
        "image: '{{nmae}}'|spec.template.spec.containers[0].image: unknown placeholder {{nmae}}, did you mean {{name}}?",
        "image: x|there is no {{command}}, so its jobs would do nothing",
        "\"{{name}}\": x|a name cannot be filled in"
      })
  void aPlaceAtFaultIsNamed(String container, String fault) {
    String message = fault(job(container));
    assertTrue(message.startsWith("site.yaml: "), message);
    assertTrue(message.contains(fault), message);
  }

  @Test
  void allFaultsComeTogether() {
    String message =
        fault("kind: CronJob\nmetadata: {name: x}\nspec: {parallelism: 2, a: '{{b}}'}\n");
    assertTrue(message.contains("must be batch/v1 and Job, they are missing and CronJob"), message);
    assertTrue(message.contains("metadata.name is not the template's"), message);
    assertTrue(message.contains("spec.parallelism is not the template's"), message);
    assertTrue(message.contains("spec.a: unknown placeholder {{b}}"), message);
  }

  @Test
  void whatIsNoManifestIsRefused() {
    assertTrue(fault("a: b\n  c: d\n").startsWith("site.yaml:2: malformed YAML: "));
    assertTrue(fault("kind: Job\nkind: Job\n").startsWith("site.yaml:2: malformed YAML: "));
    assertEquals(1, fault("a: [\n").lines().count(), "the parser says it in many");
    assertTrue(fault(job("args: '{{command}}'") + "---\na: b\n").contains("has 2 documents"));
    assertTrue(fault("").contains("has 0 documents"));
    assertTrue(fault("- a\n").startsWith("site.yaml must hold one manifest"));
  }

  @Test
  void aFolderIsSeenWhereAVolumeIs() {
    KubernetesTemplate template = parse(job("args: '{{command}}'"));
    assertTrue(template.mounts("/shared/studies/a"));
    assertTrue(template.mounts("/shared"));
    assertFalse(template.mounts("/shared2/a"));
    assertFalse(template.mounts("/home/a"));
  }
}
