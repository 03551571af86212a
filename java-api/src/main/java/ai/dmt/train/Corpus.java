package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.util.HashSet;
import java.util.List;

/**
 * The sources that a strategy plans with: names, roles and sizes, no data.
 *
 * @param sources with different names, in the order in which they were given; at least one
 */
public record Corpus(List<Entry> sources) {

  /** The two kinds of source (arXiv 2310.05492, section 3.1). */
  public enum Role {
    /** An ability of its own, such as mathematics or code. */
    SPECIALIZED,
    /** Alignment with people: conversations about anything. */
    GENERAL
  }

  /**
   * One source.
   *
   * @param name of the source
   * @param role what kind it is
   * @param samples it has
   * @param fraction of it that the experiment uses, in (0, 1]: the paper's k of RQ1 to RQ3
   */
  public record Entry(String name, Role role, int samples, double fraction) {
    /**
     * Checks ranges.
     *
     * @param name not blank
     * @param role not null
     * @param samples at least 0
     * @param fraction in (0, 1]
     * @throws ai.dmt.config.ConfigException with every fault, if there is one
     */
    public Entry {
      new Faults("source \"" + name + "\"")
          .require(name != null && !name.isBlank(), "name must not be blank")
          .present("role", role)
          .notNegative("samples", samples)
          .require(fraction > 0 && fraction <= 1, "fraction must be in (0, 1], got " + fraction)
          .throwIfAny();
    }

    /**
     * {@return a source that is used whole}
     *
     * @param name not blank
     * @param role what kind it is
     * @param samples it has, at least 0
     * @throws ai.dmt.config.ConfigException with every fault, if there is one
     */
    public static Entry of(String name, Role role, int samples) {
      return new Entry(name, role, samples, 1);
    }

    /** {@return all of it that the experiment uses} */
    public Portion portion() {
      return share(1);
    }

    /**
     * {@return a share of what the experiment uses}
     *
     * @param share in [0, 1]
     */
    public Portion share(double share) {
      return Portion.fraction(name, fraction * share);
    }
  }

  /**
   * Checks the names; copies the list.
   *
   * @param sources at least one, with different names; copied
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public Corpus {
    sources = sources == null ? List.of() : List.copyOf(sources);
    List<String> names = sources.stream().map(Entry::name).toList();
    new Faults("corpus")
        .require(!sources.isEmpty(), "a corpus needs at least one source")
        .require(
            new HashSet<>(names).size() == names.size(),
            "sources must have different names, got " + names)
        .throwIfAny();
  }

  /**
   * {@return the sources of a role, in their order; may be empty}
   *
   * @param role what kind they are
   */
  public List<Entry> of(Role role) {
    return sources.stream().filter(source -> source.role() == role).toList();
  }

  /** {@return the names of all sources, in their order} */
  public List<String> names() {
    return sources.stream().map(Entry::name).toList();
  }

  /** {@return tables to plan with where there is no data; they know the number of samples alone} */
  public List<SampleTable> tables() {
    return sources.stream().map(each -> SampleTable.counted(each.name(), each.samples())).toList();
  }
}
