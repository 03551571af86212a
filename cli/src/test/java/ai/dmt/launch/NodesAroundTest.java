package ai.dmt.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodesAroundTest {
  private static Map<String, String> step(String nodes, int count, int tasks, int node) {
    Map<String, String> variables = new HashMap<>();
    variables.put("SLURM_JOB_ID", "20007");
    variables.put("SLURM_STEP_ID", "1");
    variables.put("SLURM_STEP_NODELIST", nodes);
    variables.put("SLURM_STEP_NUM_NODES", Integer.toString(count));
    variables.put("SLURM_STEP_NUM_TASKS", Integer.toString(tasks));
    variables.put("SLURM_NODEID", Integer.toString(node));
    return variables;
  }

  private static NodeRanks ranks(
      Map<String, String> environment, Integer nodes, Integer node, String master) {
    return new NodesAround(environment, nodes, node, master).ranks(4);
  }

  private static String fault(
      Map<String, String> environment, Integer nodes, Integer node, String master) {
    return assertThrows(ConfigException.class, () -> ranks(environment, nodes, node, master))
        .getMessage();
  }

  @Test
  void oneNodeIsAloneAtAFreePort() {
    NodeRanks alone = ranks(Map.of(), null, null, null);
    assertEquals(new NodeRanks(4, 1, 0, "127.0.0.1", alone.masterPort()), alone);
    assertTrue(alone.masterPort() > 0);
  }

  @Test
  void aRankOfTorchrunIsNoNode() {
    Map<String, String> torchrun = Map.of("TORCHELASTIC_RUN_ID", "none", "WORLD_SIZE", "2");
    String fault = fault(torchrun, null, null, null);
    assertTrue(fault.startsWith("torchrun has started this as one of 2 ranks, "), fault);
    assertEquals(new NodeRanks(4, 2, 1, "node0", 29500), ranks(torchrun, 2, 1, "node0:29500"));
    Map<String, String> one = Map.of("TORCHELASTIC_RUN_ID", "none", "WORLD_SIZE", "1");
    assertEquals(1, ranks(one, null, null, null).nodes());
  }

  @Test
  void whatIsAskedForGoesBeforeWhatTheEnvironmentSays() {
    assertEquals(
        new NodeRanks(4, 3, 2, "node0", 29500),
        ranks(step("a[1-2]", 2, 2, 1), 3, 2, "node0:29500"));
    assertEquals(
        new NodeRanks(4, 2, 1, "node0", 29500),
        ranks(step("a[1-2]", 2, 2, 1), null, null, "node0:29500"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "node1 | node1",
        "node[1-2] | node1",
        "gpu[003-007,9],x1 | gpu003",
        "gpu[7,9-11] | gpu7",
        "x1,gpu[3-7] | x1",
        "rack[1-2]node[03-04].site | rack1node03.site"
      })
  void srunTellsNodesPlaceAndTheFirstNode(String list, String first) {
    assertEquals(
        new NodeRanks(4, 2, 1, first, 10_008), ranks(step(list, 2, 2, 1), null, null, null));
  }

  @Test
  void aStepOfOneNodeIsAlone() {
    assertEquals("127.0.0.1", ranks(step("node2", 1, 1, 0), null, null, null).masterAddress());
  }

  @Test
  void srunStartsOneTaskPerNode() {
    assertEquals(
        "srun has started 8 tasks on 2 nodes, and dmt launch starts a node's ranks itself: srun"
            + " --ntasks-per-node=1, or dmt train without dmt launch",
        fault(step("node[1-2]", 2, 8, 1), null, null, null));
  }

  @Test
  void torchrunsVariablesForANodeAreRead() {
    Map<String, String> variables =
        Map.of(
            "PET_NNODES", "2",
            "PET_NODE_RANK", "1",
            "PET_MASTER_ADDR", "job-0.job",
            "PET_MASTER_PORT", "29400");
    assertEquals(new NodeRanks(4, 2, 1, "job-0.job", 29400), ranks(variables, null, null, null));
  }

  @Test
  void anIpv6AddressIsInBrackets() {
    assertEquals("fd00::1", ranks(Map.of(), 2, 0, "[fd00::1]:29500").masterAddress());
    for (String wrong : new String[] {"fd00::1", "node0", "node0:", ":29500", "[fd00::1]", "a:x"}) {
      String fault = fault(Map.of(), 2, 0, wrong);
      assertTrue(fault.startsWith("--rdzv must be HOST:PORT, an IPv6 address in br"), fault);
    }
  }

  @Test
  void severalNodesNeedAMeetingPlace() {
    assertEquals(
        "several nodes need --rdzv HOST:PORT, the same on each", fault(Map.of(), 2, 0, null));
  }
}
