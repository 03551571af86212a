package ai.dmt.study.executor;

import ai.dmt.study.executor.JobTemplate.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Jobs of Slurm. Their scripts are made of a template that a site can change; what a user named is
 * a word of its own for sbatch, or quoted in the script, see [Note: no name becomes a command].
 */
final class SlurmExecutor implements StudyExecutor {
  private static final String DIRECTIVE = "#SBATCH";
  private static final long MEBIBYTE = 1L << 20;

  private static final Map<String, Kind> PLACEHOLDERS =
      Map.of(
          "name", Kind.PLAIN,
          "log", Kind.PLAIN,
          "cpus", Kind.PLAIN,
          "memory_mb", Kind.PLAIN,
          "gpus", Kind.PLAIN,
          "minutes", Kind.PLAIN,
          "retries", Kind.PLAIN,
          "folder", Kind.WORDS,
          "environment", Kind.WORDS,
          "command", Kind.WORDS);

  private final SlurmCommands slurm;
  private final JobTemplate template;
  private final ExecutorSettings settings;

  /** Makes one; nothing is run yet. */
  SlurmExecutor(JobTemplate template, ExecutorSettings settings) {
    this(new SlurmCommands(CommandRunner::ofProcess), template, settings);
  }

  SlurmExecutor(SlurmCommands slurm, JobTemplate template, ExecutorSettings settings) {
    this.slurm = slurm;
    this.template = template;
    this.settings = settings;
  }

  /** A script, checked. @param source where it is from, for messages */
  static JobTemplate template(String source, String text) {
    return JobTemplate.parse(source, text, PLACEHOLDERS);
  }

  @Override
  public void demandAvailable() {
    slurm.demandAvailable();
  }

  @Override
  public String submit(Job job, After after) throws IOException {
    Files.createDirectories(settings.folder().resolve(log(job)).getParent());
    return slurm.submit(job.label(), options(after), script(job));
  }

  @Override
  public Map<String, JobState> states(Collection<String> ids) throws IOException {
    Map<String, JobState> known = slurm.states(ids);
    Map<String, JobState> states = new LinkedHashMap<>();
    ids.forEach(id -> states.put(id, known.getOrDefault(id, JobState.FORGOTTEN)));
    return states;
  }

  @Override
  public void cancel(Collection<String> ids) throws IOException {
    slurm.cancel(ids);
  }

  @Override
  public String text(Job job, After after) {
    return "sbatch --parsable %s <<'SCRIPT'%n%sSCRIPT%n"
        .formatted(ShellWords.join(options(after)), script(job));
  }

  /** What no script may change, and the folder, which no line of a script could hold safely. */
  private List<String> options(After after) {
    List<String> options = new ArrayList<>(List.of("--chdir=" + settings.folder()));
    List<String> dependencies = new ArrayList<>();
    if (!after.success().isEmpty()) {
      dependencies.add("afterok:" + String.join(":", after.success()));
    }
    if (!after.end().isEmpty()) {
      dependencies.add("afterany:" + String.join(":", after.end()));
    }
    if (!dependencies.isEmpty()) {
      options.add("--dependency=" + String.join(",", dependencies));
      options.add("--kill-on-invalid-dep=yes");
    }
    return options;
  }

  private static String log(Job job) {
    return "jobs/" + job.name() + ".log";
  }

  private String script(Job job) {
    JobResources resources = job.resources();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("name", job.name());
    values.put("log", log(job));
    values.put("cpus", Integer.toString(resources.cpus()));
    values.put("memory_mb", Long.toString(1 + resources.memoryBytes() / MEBIBYTE));
    values.put("retries", Integer.toString(settings.retries()));
    if (resources.gpus() > 0) {
      values.put("gpus", Integer.toString(resources.gpus()));
    }
    if (resources.minutes() > 0) {
      values.put("minutes", Long.toString(resources.minutes()));
    }
    values.put("folder", ShellWords.quote(settings.folder().toString()));
    List<String> variables = new ArrayList<>();
    settings.environment().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> variables.add(each.getKey() + "=" + ShellWords.quote(each.getValue())));
    values.put("environment", String.join(" ", variables));
    values.put("command", ShellWords.join(job.command()));
    return template.fill(values, DIRECTIVE);
  }
}
