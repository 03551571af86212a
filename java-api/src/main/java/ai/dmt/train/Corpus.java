package ai.dmt.train;

import ai.dmt.config.Faults;
import java.util.HashSet;
import java.util.List;

/**
 * The sources that a strategy plans with: names, roles and sizes, no data.
 *
 * @param sources with different names, in the order in which they were given; at least one
 */
public record Corpus(List<Entry> sources) {

  /** The two kinds of source (paper.md 3). */
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
    /** Checks ranges. */
    public Entry {
      new Faults("source \"" + name + "\"")
          .require(name != null && !name.isBlank(), "name must not be blank")
          .present("role", role)
          .notNegative("samples", samples)
          .require(fraction > 0 && fraction <= 1, "fraction must be in (0, 1], got " + fraction)
          .throwIfAny();
    }

    /** A source that is used whole. */
    public static Entry of(String name, Role role, int samples) {
      return new Entry(name, role, samples, 1);
    }

    /** All of it that the experiment uses. */
    public Portion portion() {
      return share(1);
    }

    /** A share of what the experiment uses. @param share in [0, 1] */
    public Portion share(double share) {
      return Portion.fraction(name, fraction * share);
    }
  }

  /** Checks the names; copies the list. */
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

  /** Sources of a role, in their order. */
  public List<Entry> of(Role role) {
    return sources.stream().filter(source -> source.role() == role).toList();
  }

  /** Names of all sources. */
  public List<String> names() {
    return sources.stream().map(Entry::name).toList();
  }

  /** Tables to plan with where there is no data. */
  public List<SampleTable> tables() {
    return sources.stream().map(each -> SampleTable.counted(each.name(), each.samples())).toList();
  }
}
