package ai.dmt.study.executor;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Named;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The schedulers that are known. */
public enum Scheduler {
  /** Slurm, by its programs. */
  SLURM("slurm", "slurm.sh") {
    @Override
    StudyExecutor open(String source, String template, ExecutorSettings settings) {
      return new SlurmExecutor(SlurmExecutor.template(source, template), settings);
    }
  },
  /** Jobs of Kubernetes, by kubectl. */
  KUBERNETES("kubernetes", "kubernetes.yaml") {
    @Override
    StudyExecutor open(String source, String template, ExecutorSettings settings) {
      return new KubernetesExecutor(KubernetesTemplate.parse(source, template), settings);
    }
  };

  private final String word;
  private final String bundled;

  Scheduler(String word, String bundled) {
    this.word = word;
    this.bundled = bundled;
  }

  abstract StudyExecutor open(String source, String template, ExecutorSettings settings);

  /**
   * {@return the scheduler of a name}
   *
   * @param word its name on the command line
   * @param others names that are known there, too, and are no scheduler
   * @throws ConfigException if there is none, with the names that there are
   */
  public static Scheduler of(String word, String... others) {
    return Named.ofKind("executor", values(), Scheduler::word, word, others);
  }

  /** {@return its name on the command line} */
  public String word() {
    return word;
  }

  /** {@return the template of a job that is used where a site has none of its own} */
  public String template() {
    return JobTemplate.bundled(bundled);
  }

  /**
   * {@return the scheduler, with its template checked; nothing is run yet}
   *
   * @param template a site's own; null for the one that this library brings
   * @param settings what all jobs share
   * @throws ConfigException if the template cannot be read, or with each place at fault
   */
  public StudyExecutor open(@Nullable Path template, ExecutorSettings settings) {
    if (template == null) {
      return open(bundled, template(), settings);
    }
    try {
      return open(template.toString(), Files.readString(template), settings);
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(template, Disk.reason(e)), e);
    }
  }
}
