package ai.dmt.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankEnvironmentTest {
  private static final RankEnvironment FIFTH_OF_EIGHT =
      new RankEnvironment(5, 1, 8, 4, "node0", 29500);

  @Test
  void withoutVariablesAProcessIsAlone() {
    assertEquals(RankEnvironment.ALONE, RankEnvironment.read(Map.of("HOME", "/root")));
  }

  @Test
  void whatIsWrittenIsRead() {
    assertEquals(FIFTH_OF_EIGHT, RankEnvironment.read(FIFTH_OF_EIGHT.variables()));
  }

  @Test
  void theNetworkInterfaceMayBeNamed() {
    RankEnvironment named =
        new RankEnvironment(5, 1, 8, 4, "node0", 29500, "eth1", RankEnvironment.Listener.RANK_0);
    Map<String, String> variables = new HashMap<>(FIFTH_OF_EIGHT.variables());
    variables.put("GLOO_SOCKET_IFNAME", "eth1");
    assertEquals(named, RankEnvironment.read(variables));
    assertEquals(variables, named.variables());
  }

  @Test
  void torchrunsOwnStoreMayBeAtTheMasterPort() {
    RankEnvironment found =
        new RankEnvironment(5, 1, 8, 4, "node0", 29500, "", RankEnvironment.Listener.LAUNCHER);
    Map<String, String> variables = new HashMap<>(FIFTH_OF_EIGHT.variables());
    variables.put("TORCHELASTIC_USE_AGENT_STORE", "True");
    assertEquals(found, RankEnvironment.read(variables));
    assertEquals(variables, found.variables());
    // dmt launch in a process of torchrun: its ranks inherit the variable, and have no such store.
    assertEquals("False", FIFTH_OF_EIGHT.variables().get("TORCHELASTIC_USE_AGENT_STORE"));
  }

  @Test
  void aWorldOfOneNeedsNoMaster() {
    Map<String, String> one =
        Map.of("RANK", "0", "LOCAL_RANK", "0", "WORLD_SIZE", "1", "LOCAL_WORLD_SIZE", "1");
    assertEquals(RankEnvironment.ALONE, RankEnvironment.read(one));
  }

  @Test
  void slurmsVariablesSayTheSame() {
    Map<String, String> slurm =
        Map.of(
            "SLURM_PROCID", "5",
            "SLURM_LOCALID", "1",
            "SLURM_NTASKS", "8",
            "SLURM_NNODES", "2",
            "MASTER_ADDR", "node0",
            "MASTER_PORT", "29500");
    assertEquals(FIFTH_OF_EIGHT, RankEnvironment.read(slurm));
  }

  @Test
  void aSingleSlurmTaskIsAlone() {
    assertEquals(
        RankEnvironment.ALONE,
        RankEnvironment.read(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "1")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RANK | 8 | RANK must be in [0, WORLD_SIZE=8), got 8",
        "RANK | -1 | environment variable RANK must be a whole number from 0, it is \"-1\"",
        "WORLD_SIZE | '' | environment variable WORLD_SIZE must be a whole number from 0, it is \"\"",
        "LOCAL_RANK | 4 | LOCAL_RANK must be in [0, LOCAL_WORLD_SIZE=4), got 4",
        "LOCAL_WORLD_SIZE | 3 | LOCAL_WORLD_SIZE=3 must divide WORLD_SIZE=8: nodes have as many ranks each",
        "MASTER_ADDR | '' | environment variable MASTER_ADDR must name the host of rank 0, it is \"\"",
        "MASTER_PORT | 70000 | MASTER_PORT must be in [1, 65535], got 70000",
      })
  void faultsNameTheVariable(String name, String value, String message) {
    Map<String, String> variables = new HashMap<>(FIFTH_OF_EIGHT.variables());
    variables.put(name, value);
    ConfigException e = assertThrows(ConfigException.class, () -> RankEnvironment.read(variables));
    assertEquals(message, e.getMessage().replaceFirst("^ranks: ", ""));
  }

  @Test
  void aMissingVariableIsNamed() {
    Map<String, String> variables = new HashMap<>(FIFTH_OF_EIGHT.variables());
    variables.remove("LOCAL_WORLD_SIZE");
    ConfigException e = assertThrows(ConfigException.class, () -> RankEnvironment.read(variables));
    assertEquals(
        "environment variable LOCAL_WORLD_SIZE must be a whole number from 0, it is not set",
        e.getMessage());
  }
}
