package ai.dmt.engine;

import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * An engine's place among the ranks of a run, and how it reaches them. {@link
 * ai.dmt.dist.ProcessGroups} makes those of real runs and must outlive the engine.
 *
 * @param rank in [0, worldSize)
 * @param worldSize all ranks
 * @param nodeSize ranks of a node, which are neighbours: rank = node * nodeSize + local rank
 * @param kind who the other ranks are
 * @param shardGroup address of a {@code c10d::Backend} of the ranks that hold the other slices; 0
 *     where there are none
 * @param replicaGroup the same of the ranks that hold the same slice
 * @param reduceGroup another of shardGroup's ranks, for gradients: they travel at the same time as
 *     weights; 0 where shardGroup carries both
 */
public record RankGroups(
    int rank,
    int worldSize,
    int nodeSize,
    Kind kind,
    long shardGroup,
    long replicaGroup,
    long reduceGroup) {
  /** One rank, which needs no group. */
  public static final RankGroups ALONE = new RankGroups(0, 1, 1, Kind.PROCESSES, 0, 0, 0);

  /** Who the other ranks are. */
  public enum Kind {
    /** Other processes. */
    PROCESSES,
    /** Nobody: memory and copies are those of the rank, losses mean nothing. */
    SIMULATED
  }

  /**
   * Checks ranges.
   *
   * @param rank in [0, worldSize)
   * @param worldSize at least 1
   * @param nodeSize at least 1; divides {@code worldSize}
   * @param kind not null
   * @param shardGroup address, or 0 where there is none
   * @param replicaGroup address, or 0 where there is none
   * @param reduceGroup address, or 0 where there is none
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public RankGroups {
    new Faults("ranks")
        .positive("worldSize", worldSize)
        .positive("nodeSize", nodeSize)
        .present("kind", kind)
        .require(
            rank >= 0 && rank < worldSize,
            "rank must be in [0, %s), got %s".formatted(worldSize, rank))
        .require(
            nodeSize <= 0 || worldSize % nodeSize == 0,
            "nodeSize=%s must divide worldSize=%s".formatted(nodeSize, worldSize))
        .throwIfAny();
  }

  /** Addresses of all groups; 0 stands for none. */
  List<Long> groups() {
    return List.of(shardGroup, replicaGroup, reduceGroup);
  }

  /** {@return the number of this rank on its node, from 0} */
  public int localRank() {
    return rank % nodeSize;
  }

  /**
   * {@return rank 0 of a world whose other ranks do not exist}
   *
   * @param worldSize ranks to pretend, from 1
   * @param nodeSize ranks of a node; divides {@code worldSize}
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static RankGroups simulated(int worldSize, int nodeSize) {
    return new RankGroups(0, worldSize, nodeSize, Kind.SIMULATED, 0, 0, 0);
  }
}
