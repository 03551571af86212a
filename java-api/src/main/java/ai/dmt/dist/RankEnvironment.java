package ai.dmt.dist;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * This process's place in a run, as whoever started it says.
 *
 * @param rank in [0, worldSize)
 * @param localRank of the same node, from 0
 * @param worldSize all processes
 * @param localWorldSize processes of this node; the same on every node
 * @param masterAddress where rank 0 can be reached; "" for one process
 * @param masterPort 0 for one process
 * @param interfaceName network interface that ranks on CPUs talk through, or several with commas
 *     between; "" for the one that reaches rank 0
 * @param listener who listens at the master port
 */
public record RankEnvironment(
    int rank,
    int localRank,
    int worldSize,
    int localWorldSize,
    String masterAddress,
    int masterPort,
    String interfaceName,
    Listener listener) {
  /** Who listens at the master port. */
  public enum Listener {
    /** Rank 0, once it is started. */
    RANK_0,
    /** Whoever started the ranks, as torchrun does; rank 0 says there which port is its own. */
    LAUNCHER
  }

  /** One process, which meets nobody. */
  public static final RankEnvironment ALONE = new RankEnvironment(0, 0, 1, 1, "", 0);

  private static final int PORTS = 65_536;
  private static final String LOOPBACK = "127.0.0.1";

  /** Whether torchrun's own store is at MASTER_PORT: True or False, as Python writes them. */
  private static final String AGENT_STORE = "TORCHELASTIC_USE_AGENT_STORE";

  /**
   * Checks that the numbers fit together.
   *
   * @param rank see {@link #rank()}
   * @param localRank see {@link #localRank()}
   * @param worldSize see {@link #worldSize()}
   * @param localWorldSize see {@link #localWorldSize()}
   * @param masterAddress see {@link #masterAddress()}
   * @param masterPort see {@link #masterPort()}
   * @param interfaceName see {@link #interfaceName()}
   * @param listener see {@link #listener()}
   * @throws ConfigException if they do not
   */
  public RankEnvironment {
    new Faults("ranks")
        .positive("WORLD_SIZE", worldSize)
        .require(
            rank >= 0 && rank < worldSize,
            "RANK must be in [0, WORLD_SIZE=%s), got %s".formatted(worldSize, rank))
        .positive("LOCAL_WORLD_SIZE", localWorldSize)
        .require(
            localRank >= 0 && localRank < localWorldSize,
            "LOCAL_RANK must be in [0, LOCAL_WORLD_SIZE=%s), got %s"
                .formatted(localWorldSize, localRank))
        .require(
            localWorldSize <= 0 || worldSize % localWorldSize == 0,
            "LOCAL_WORLD_SIZE=%s must divide WORLD_SIZE=%s: nodes have as many ranks each"
                .formatted(localWorldSize, worldSize))
        .require(
            worldSize == 1 || !masterAddress.isBlank(),
            "MASTER_ADDR must name the host of rank 0 where WORLD_SIZE=" + worldSize)
        .require(
            worldSize == 1 || masterPort > 0 && masterPort < PORTS,
            "MASTER_PORT must be in [1, %s], got %s".formatted(PORTS - 1, masterPort))
        .throwIfAny();
  }

  /**
   * Makes a place with the network interface that reaches rank 0.
   *
   * @param rank see {@link #rank()}
   * @param localRank see {@link #localRank()}
   * @param worldSize see {@link #worldSize()}
   * @param localWorldSize see {@link #localWorldSize()}
   * @param masterAddress see {@link #masterAddress()}
   * @param masterPort see {@link #masterPort()}
   * @throws ConfigException if the numbers do not fit together
   */
  public RankEnvironment(
      int rank,
      int localRank,
      int worldSize,
      int localWorldSize,
      String masterAddress,
      int masterPort) {
    this(
        rank, localRank, worldSize, localWorldSize, masterAddress, masterPort, "", Listener.RANK_0);
  }

  /**
   * Reads the variables that torchrun, dmt launch and Kubernetes's trainer set, or else Slurm's;
   * GLOO_SOCKET_IFNAME names the network interface.
   *
   * <p>With Slurm, MASTER_ADDR and MASTER_PORT are the batch file's to set. A process that srun
   * started alone, or that has none of these variables, is {@link #ALONE}.
   *
   * @param environment such as {@link System#getenv()}
   * @return this process's place
   * @throws ConfigException if variables are missing, are no numbers or do not fit together
   */
  public static RankEnvironment read(Map<String, String> environment) {
    Variables variables = new Variables(environment);
    if (environment.containsKey("RANK") || environment.containsKey("WORLD_SIZE")) {
      return variables.torchrun();
    }
    if (variables.isInt("SLURM_NTASKS") && variables.number("SLURM_NTASKS") > 1) {
      return variables.slurm();
    }
    return ALONE;
  }

  /**
   * Looks up the network interfaces that GLOO_SOCKET_IFNAME and NCCL_SOCKET_IFNAME name.
   *
   * @param environment such as {@link System#getenv()}
   * @throws ConfigException if this host does not have them: with those that it has
   */
  public static void demandInterfaces(Map<String, String> environment) {
    Interfaces.demand(environment);
  }

  /**
   * {@return a port of this machine at which nobody listens now; whoever is to listen there should
   * do so at once}
   *
   * @throws UncheckedIOException if there is none
   */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no port can be had: " + e.getMessage(), e);
    }
  }

  /** The same place where rank 0 listens at a port itself. */
  RankEnvironment at(int port) {
    return new RankEnvironment(
        rank,
        localRank,
        worldSize,
        localWorldSize,
        masterAddress,
        port,
        interfaceName,
        Listener.RANK_0);
  }

  /** Which rank this is, for messages. */
  String text() {
    return "rank %s of %s at %s".formatted(rank, worldSize, masterText());
  }

  /** Host and port of rank 0, for messages. */
  String masterText() {
    String host = masterAddress.contains(":") ? "[" + masterAddress + "]" : masterAddress;
    return host + ":" + masterPort;
  }

  /** Whether all processes are of this node. */
  boolean isOneNode() {
    return worldSize == localWorldSize;
  }

  /**
   * Where ranks reach rank 0. Those of one node need no network: they meet where nobody outside can
   * join them, whatever address the node has.
   */
  String meetingAddress() {
    return isOneNode() ? LOOPBACK : masterAddress;
  }

  /**
   * {@return the variables that say the same, by name, for a process to be started; {@link #read}
   * takes them}
   */
  public Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("RANK", Integer.toString(rank));
    variables.put("LOCAL_RANK", Integer.toString(localRank));
    variables.put("WORLD_SIZE", Integer.toString(worldSize));
    variables.put("LOCAL_WORLD_SIZE", Integer.toString(localWorldSize));
    variables.put("MASTER_ADDR", masterAddress);
    variables.put("MASTER_PORT", Integer.toString(masterPort));
    // Said in any case: a launcher may itself have been started by torchrun.
    variables.put(AGENT_STORE, listener == Listener.LAUNCHER ? "True" : "False");
    if (!interfaceName.isEmpty()) {
      variables.put(Interfaces.GLOO, interfaceName);
    }
    return variables;
  }

  private record Variables(Map<String, String> environment) {
    RankEnvironment torchrun() {
      int worldSize = number("WORLD_SIZE");
      return new RankEnvironment(
          number("RANK"),
          number("LOCAL_RANK"),
          worldSize,
          number("LOCAL_WORLD_SIZE"),
          worldSize == 1 ? "" : text("MASTER_ADDR"),
          worldSize == 1 ? 0 : number("MASTER_PORT"),
          worldSize == 1 ? "" : interfaceName(),
          worldSize > 1 && environment.getOrDefault(AGENT_STORE, "").equals("True")
              ? Listener.LAUNCHER
              : Listener.RANK_0);
    }

    RankEnvironment slurm() {
      int tasks = number("SLURM_NTASKS");
      int nodes = number("SLURM_NNODES");
      if (nodes < 1 || tasks % nodes != 0) {
        throw new ConfigException(
            "SLURM_NTASKS=%s must be a multiple of SLURM_NNODES=%s: nodes have as many ranks each"
                .formatted(tasks, nodes));
      }
      return new RankEnvironment(
          number("SLURM_PROCID"),
          number("SLURM_LOCALID"),
          tasks,
          tasks / nodes,
          text("MASTER_ADDR"),
          number("MASTER_PORT"),
          interfaceName(),
          Listener.RANK_0);
    }

    String interfaceName() {
      return environment.getOrDefault(Interfaces.GLOO, "").strip();
    }

    boolean isInt(String name) {
      return environment.getOrDefault(name, "").matches("\\d{1,9}");
    }

    int number(String name) {
      if (!isInt(name)) {
        throw new ConfigException(
            "environment variable %s must be a whole number from 0, it is %s"
                .formatted(name, quoted(name)));
      }
      return Integer.parseInt(environment.get(name));
    }

    String text(String name) {
      String value = environment.getOrDefault(name, "");
      if (value.isBlank()) {
        throw new ConfigException(
            "environment variable %s must name the host of rank 0, it is %s"
                .formatted(name, quoted(name)));
      }
      return value.strip().replaceAll("^\\[(.*)\\]$", "$1"); // an IPv6 address as in a URL
    }

    private String quoted(String name) {
      return environment.containsKey(name) ? "\"" + environment.get(name) + "\"" : "not set";
    }
  }
}
