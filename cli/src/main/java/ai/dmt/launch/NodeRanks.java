package ai.dmt.launch;

import ai.dmt.dist.RankEnvironment;
import ai.dmt.internal.text.Faults;

/**
 * The ranks of one node in a run.
 *
 * @param processes of this node, and of every other
 * @param nodes of the run
 * @param node this one's number, from 0
 * @param masterAddress host of rank 0
 * @param masterPort port of rank 0
 */
public record NodeRanks(int processes, int nodes, int node, String masterAddress, int masterPort) {
  /** Checks ranges. */
  public NodeRanks {
    new Faults("launch")
        .positive("--nproc", processes)
        .positive("--nnodes", nodes)
        .require(
            node >= 0 && node < nodes,
            "--node-rank must be in [0, %s), got %s".formatted(nodes, node))
        .throwIfAny();
  }

  /** The place of a process of this node. */
  RankEnvironment place(int localRank) {
    int world = processes * nodes;
    return world == 1
        ? RankEnvironment.ALONE
        : new RankEnvironment(
            node * processes + localRank, localRank, world, processes, masterAddress, masterPort);
  }
}
