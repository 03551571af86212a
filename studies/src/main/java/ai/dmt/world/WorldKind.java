package ai.dmt.world;

/** The bundled worlds, see docs/world.md. */
public enum WorldKind {
  /** Math, code and general rows in the paper's proportion, with benchmarks. */
  PAPER("paper"),
  /** Calendar, table, glossary and chat: four sources that help, hinder and repeat one another. */
  OFFICE("office");

  private final String text;

  WorldKind(String text) {
    this.text = text;
  }

  /** {@return the kind's name in recipes and manifests} */
  public String text() {
    return text;
  }
}
