package ai.dmt.study;

import ai.dmt.prepare.CacheUse;
import ai.dmt.run.PreparedSources;
import ai.dmt.train.SampleTable;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What each node of a study is trained on: the sources whole, or without some topics. */
final class NodeSources {
  private final StudyGraph graph;
  private final PreparedSources whole;
  private final @Nullable PreparedSources filtered; // null where no cell needs it

  private NodeSources(StudyGraph graph, PreparedSources whole, @Nullable PreparedSources filtered) {
    this.graph = graph;
    this.whole = whole;
    this.filtered = filtered;
  }

  /**
   * Reads the sources again, without the topics, if one of the cells needs that.
   *
   * @param whole of the study's recipe; closes what is read here, too
   */
  static NodeSources of(
      StudyDefinition study,
      StudyGraph graph,
      Collection<StudyCell> cells,
      PreparedSources whole,
      CacheUse cache) {
    FilteredRecipe recipe = study.filtered();
    boolean needed = cells.stream().anyMatch(cell -> cell.question() == StudyQuestion.FILTERED);
    return new NodeSources(
        graph, whole, recipe != null && needed ? recipe.read(study.recipe(), whole, cache) : null);
  }

  /** {@return the sources with all topics} */
  PreparedSources whole() {
    return whole;
  }

  /**
   * {@return the sources of a node of the cells, or of a base model}
   *
   * @param node a key
   */
  PreparedSources of(String node) {
    return graph.isFiltered(node)
        ? Objects.requireNonNull(filtered, "a cell of the node was named")
        : whole;
  }

  /** Those of a node, as schedules count them. */
  List<SampleTable> tables(StageNode node) {
    return of(node.key()).tables();
  }
}
