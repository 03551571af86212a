package ai.dmt.study.executor;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Jobs of Kubernetes, all of them owned by one ConfigMap of the study: deleting it deletes them.
 *
 * <p>A job that waits for others to succeed is made at once and begins when the one that waits for
 * the end of all says so, see [Note: jobs wait without pods].
 */
final class KubernetesExecutor implements StudyExecutor {
  private static final long POLL_MILLISECONDS = 2_000;
  private static final long MEBIBYTE = 1L << 20;
  private static final long SECONDS_PER_MINUTE = 60;
  private static final int NAME_CHARACTERS = 50; // with what is added, those of a label, 63
  private static final int RANDOM_CHARACTERS = 5;
  private static final int BASE = 36;
  private static final int HASH_CHARACTERS = 8;
  private static final String OWNER_KIND = "configmap";

  /** What an overseer takes of a CPU while it waits. */
  private static final String WAITING_CPU = "100m";

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  private final KubernetesCommands kubectl;
  private final KubernetesTemplate template;
  private final ExecutorSettings settings;
  private final String study;
  private final SecureRandom random = new SecureRandom();
  private KubernetesCommands.@Nullable Version version; // null until it is asked for
  private @Nullable String owner; // uid; null until a job is submitted

  /** Makes one; nothing is run yet. */
  KubernetesExecutor(KubernetesTemplate template, ExecutorSettings settings) {
    this(CommandRunner::ofProcess, template, settings);
  }

  KubernetesExecutor(CommandRunner runner, KubernetesTemplate template, ExecutorSettings settings) {
    this.kubectl = new KubernetesCommands(runner, template.namespace());
    this.template = template;
    this.settings = settings;
    String folder = settings.folder().toString();
    if (!template.mounts(folder)) {
      throw new ConfigException(
          "pods do not see %s: their volumes are at %s; choose an --output there, or a --job-template"
                  .formatted(folder, String.join(", ", template.mountPaths()))
              + " with another mountPath");
    }
    String name = settings.folder().getFileName().toString();
    this.study = "dmt-%s-%s".formatted(dnsName(name), digest(folder));
  }

  private static String digest(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum).substring(0, HASH_CHARACTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A text as a part of a name of Kubernetes, and not empty. */
  private static String dnsName(String text) {
    String safe = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String cut =
        safe.substring(0, Math.min(safe.length(), NAME_CHARACTERS)).replaceAll("^-+|-+$", "");
    return cut.isEmpty() ? "x" : cut;
  }

  /** One that no other job has, so that a job that was cancelled may still be ending. */
  private String uniqueName(Job job) {
    int least = BigInteger.valueOf(BASE).pow(RANDOM_CHARACTERS - 1).intValueExact();
    int number = least + random.nextInt(least * (BASE - 1));
    return dnsName(job.name()) + "-" + Integer.toString(number, BASE);
  }

  @Override
  public void demandAvailable() {
    version();
  }

  private KubernetesCommands.Version version() {
    if (version == null) {
      version = kubectl.version();
    }
    return version;
  }

  private String owner() throws IOException {
    if (owner == null) {
      owner = kubectl.ensure(ownerObject(), OWNER_KIND, study).at("/metadata/uid").asText();
    }
    return owner;
  }

  @Override
  public List<String> command(JobProgram program) {
    return program.image();
  }

  @Override
  public String submit(Job job, After after) throws IOException {
    Files.createDirectories(settings.folder().resolve(log(job)).getParent());
    String name = uniqueName(job);
    ObjectNode manifest = manifest(job, after, name);
    metadata(manifest)
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", "v1")
        .put("kind", "ConfigMap")
        .put("name", study)
        .put("uid", owner());
    if (!version().isAtLeast(1, 26)) {
      ((ObjectNode) manifest.path("spec")).remove("podFailurePolicy");
    }
    kubectl.create(job.label(), manifest);
    return name;
  }

  private ObjectNode ownerObject() {
    ObjectNode object = NODES.objectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
    object
        .putObject("metadata")
        .put("name", study)
        .putObject("labels")
        .put(KubernetesJobs.STUDY, study);
    object.putObject("data").put("folder", settings.folder().toString());
    return object;
  }

  private static ObjectNode metadata(ObjectNode object) {
    return object.withObject("/metadata");
  }

  /** A job as it is made, but for its owner, whom only the server knows. */
  private ObjectNode manifest(Job job, After after, String name) {
    ObjectNode manifest = template.fill(values(job, after));
    ObjectNode metadata = metadata(manifest);
    metadata.put("name", name);
    metadata.withObject("/labels").put(KubernetesJobs.STUDY, study);
    ObjectNode annotations = metadata.withObject("/annotations");
    annotations.put("dmt.ai/task", job.label());
    if (!after.success().isEmpty()) {
      annotations.put(KubernetesJobs.NEEDS, String.join(",", after.success()));
    }
    ObjectNode spec = manifest.withObject("/spec");
    spec.put("completions", 1).put("parallelism", after.success().isEmpty() ? 1 : 0);
    spec.withObject("/template")
        .withObject("/metadata")
        .withObject("/labels")
        .put(KubernetesJobs.STUDY, study);
    return manifest;
  }

  private static String log(Job job) {
    return "jobs/" + job.name() + ".log";
  }

  private Map<String, JsonNode> values(Job job, After after) {
    JobResources resources = job.resources();
    boolean oversees = !after.end().isEmpty();
    String cpus = Integer.toString(resources.cpus());
    Map<String, JsonNode> values = new LinkedHashMap<>();
    values.put("name", TextNode.valueOf(job.name()));
    values.put("study", TextNode.valueOf(study));
    values.put("log", TextNode.valueOf(log(job)));
    values.put("cpus", IntNode.valueOf(resources.cpus()));
    values.put("cpu", TextNode.valueOf(oversees ? WAITING_CPU : cpus));
    values.put("memory_mb", LongNode.valueOf(1 + resources.memoryBytes() / MEBIBYTE));
    values.put("retries", IntNode.valueOf(settings.retries()));
    values.put("oversees", BooleanNode.valueOf(oversees));
    if (resources.gpus() > 0) {
      values.put("gpus", IntNode.valueOf(resources.gpus()));
    }
    if (resources.minutes() > 0) {
      values.put("seconds", LongNode.valueOf(SECONDS_PER_MINUTE * resources.minutes()));
    }
    values.put("folder", TextNode.valueOf(settings.folder().toString()));
    ArrayNode environment = NODES.arrayNode();
    settings.environment().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            each ->
                environment.addObject().put("name", each.getKey()).put("value", each.getValue()));
    values.put("environment", environment);
    ArrayNode command = NODES.arrayNode();
    job.command().forEach(command::add);
    values.put("command", command);
    return values;
  }

  @Override
  public Map<String, JobState> states(Collection<String> ids) throws IOException {
    Map<String, JobState> states = new LinkedHashMap<>();
    if (!ids.isEmpty()) {
      KubernetesJobs jobs = kubectl.jobs(study);
      ids.forEach(id -> states.put(id, jobs.state(id)));
    }
    return states;
  }

  @Override
  public void cancel(Collection<String> ids) throws IOException {
    kubectl.delete(ids);
  }

  @Override
  public void oversee(Collection<String> ids, Consumer<String> log)
      throws IOException, InterruptedException {
    String said = "";
    while (true) {
      try {
        KubernetesJobs jobs = kubectl.jobs(study);
        for (String name : jobs.ready(ids)) {
          kubectl.begin(name);
          log.accept("job %s may begin".formatted(name));
        }
        if (ids.stream().noneMatch(id -> jobs.state(id).phase().isActive())) {
          return;
        }
        said = "";
      } catch (JobException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("(Forbidden)") || message.contains("(Unauthorized)")) {
          throw e;
        }
        // a server that is restarted, or a network that is away: jobs go on meanwhile
        if (!message.equals(said)) {
          said = message;
          log.accept("asking again: " + said);
        }
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
    }
  }

  @Override
  public String text(Job job, After after) {
    try {
      return YAML.writeValueAsString(manifest(job, after, dnsName(job.name())));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }
}
