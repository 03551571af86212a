package ai.dmt.launch;

import ai.dmt.config.ConfigException;
import ai.dmt.dist.RankEnvironment;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which node this is and where node 0 is reached: what was asked for, else what srun or torchrun's
 * variables for a node (PET_...) say, else this node alone.
 *
 * @param environment such as {@link System#getenv()}
 * @param askedNodes null if the command line does not say
 * @param askedNode the same
 * @param askedMaster HOST:PORT; the same
 */
public record NodesAround(
    Map<String, String> environment, Integer askedNodes, Integer askedNode, String askedMaster) {
  private static final String STEP_NODES = "SLURM_STEP_NUM_NODES";
  private static final String STEP_TASKS = "SLURM_STEP_NUM_TASKS";
  private static final Pattern PLACE = Pattern.compile("(\\[[^\\]]+\\]|[^\\[\\]:]+):(\\d{1,5})");

  /** Slurm's names of a step's nodes: the first of gpu[003-007,9],x1 is gpu003. */
  private static final Pattern FIRST_NODE = Pattern.compile("^((?:[^,\\[]|\\[[^\\]]*\\])+)");

  private static final Pattern NUMBERS = Pattern.compile("\\[([^\\],-]+)[^\\]]*\\]");

  /** Ports below those that Linux gives to clients; two jobs of a node have different ones. */
  private static final int FIRST_PORT = 10_000;

  private static final int PORTS = 20_000;

  /**
   * Finds the place of this node.
   *
   * @param processes ranks of this node, and of every other
   * @return the node's ranks
   * @throws ConfigException if what was asked for or what the environment says does not fit
   *     together
   */
  public NodeRanks ranks(int processes) {
    demandNotOfTorchrun();
    boolean ofStep = askedNodes == null && askedNode == null && environment.containsKey(STEP_NODES);
    if (ofStep) {
      demandOneTaskPerNode();
    }
    int nodes = first(askedNodes, ofStep ? STEP_NODES : "PET_NNODES", 1);
    int node = first(askedNode, ofStep ? "SLURM_NODEID" : "PET_NODE_RANK", 0);
    if (askedMaster != null) {
      return at("--rdzv", askedMaster, processes, nodes, node);
    }
    if (ofStep && nodes > 1) {
      return new NodeRanks(processes, nodes, node, firstNodeOfStep(), portOfStep());
    }
    String master = environment.getOrDefault("PET_MASTER_ADDR", "");
    if (!ofStep && nodes > 1 && !master.isBlank()) {
      return new NodeRanks(processes, nodes, node, master, number("PET_MASTER_PORT").orElse(29500));
    }
    if (nodes > 1) {
      throw new ConfigException("several nodes need --rdzv HOST:PORT, the same on each");
    }
    return new NodeRanks(processes, nodes, node, "127.0.0.1", RankEnvironment.freePort());
  }

  /** A launcher in each of torchrun's ranks would start a run of its own. */
  private void demandNotOfTorchrun() {
    int ranks = number("WORLD_SIZE").orElse(1);
    if (environment.containsKey("TORCHELASTIC_RUN_ID")
        && ranks > 1
        && askedNodes == null
        && askedNode == null
        && askedMaster == null) {
      throw new ConfigException(
          ("torchrun has started this as one of %s ranks, and dmt launch starts ranks itself: torchrun"
                  + " --no-python ./dmt train, without dmt launch")
              .formatted(ranks));
    }
  }

  private void demandOneTaskPerNode() {
    int tasks = number(STEP_TASKS).orElse(1);
    int nodes = number(STEP_NODES).orElse(1);
    if (tasks != nodes) {
      throw new ConfigException(
          ("srun has started %s tasks on %s nodes, and dmt launch starts a node's ranks itself: srun"
                  + " --ntasks-per-node=1, or dmt train without dmt launch")
              .formatted(tasks, nodes));
    }
  }

  private static NodeRanks at(String option, String place, int processes, int nodes, int node) {
    Matcher matcher = PLACE.matcher(place);
    if (!matcher.matches()) {
      throw new ConfigException(
          "%s must be HOST:PORT, an IPv6 address in brackets as in [fd00::1]:29500, got \"%s\""
              .formatted(option, place));
    }
    String host = matcher.group(1).replaceAll("[\\[\\]]", "");
    return new NodeRanks(processes, nodes, node, host, Integer.parseInt(matcher.group(2)));
  }

  private String firstNodeOfStep() {
    String list = environment.getOrDefault("SLURM_STEP_NODELIST", "");
    Matcher first = FIRST_NODE.matcher(list);
    if (!first.find()) {
      throw new ConfigException(
          "SLURM_STEP_NODELIST names no node (\"%s\"); say --rdzv HOST:PORT".formatted(list));
    }
    return NUMBERS.matcher(first.group(1)).replaceAll("$1");
  }

  private int portOfStep() {
    int job = number("SLURM_JOB_ID").orElse(0);
    return FIRST_PORT + (job + number("SLURM_STEP_ID").orElse(0)) % PORTS;
  }

  private int first(Integer asked, String variable, int otherwise) {
    return asked != null ? asked : number(variable).orElse(otherwise);
  }

  private OptionalInt number(String variable) {
    String value = environment.getOrDefault(variable, "");
    return value.matches("\\d{1,9}")
        ? OptionalInt.of(Integer.parseInt(value))
        : OptionalInt.empty();
  }
}
