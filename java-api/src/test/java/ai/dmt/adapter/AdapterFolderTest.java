package ai.dmt.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterFolderTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.lora(4, 8);

  @TempDir private Path folder;
  private Path base;
  private Path adapter;

  @BeforeEach
  void makeFolders() throws IOException {
    base = Files.createDirectories(folder.resolve("base"));
    Files.writeString(base.resolve("config.json"), "{}");
    Files.writeString(base.resolve("model.safetensors"), "weights");
    adapter = Files.createDirectories(folder.resolve("adapter"));
    AdapterFolder.write(adapter, ADAPTER, base);
    Files.writeString(adapter.resolve(AdapterFolder.WEIGHTS), "low rank");
  }

  private void rename(String named) throws IOException {
    Files.writeString(adapter.resolve(AdapterFolder.CONFIG), new PeftConfig(ADAPTER, named).text());
  }

  @Test
  void whatIsWrittenIsReadWithItsBase() {
    AdapterFolder read = AdapterFolder.read(adapter);
    assertEquals(ADAPTER, read.config());
    assertEquals(base, read.base());
    read.check();
    assertTrue(AdapterFolder.isAdapter(adapter));
    assertFalse(AdapterFolder.isAdapter(base));
    assertEquals(base, AdapterFolder.modelOf(adapter));
    assertEquals(base, AdapterFolder.modelOf(base));
  }

  @Test
  void tokenizerIsTheAdaptersOwnWhereItHasOne() throws IOException {
    assertEquals(base, AdapterFolder.tokenizerOf(adapter));
    Files.writeString(adapter.resolve("tokenizer.json"), "{}");
    assertEquals(adapter, AdapterFolder.tokenizerOf(adapter));
  }

  @Test
  void baseIsFoundFromTheAdaptersFolder() throws IOException {
    rename("../base");
    assertEquals(base, AdapterFolder.read(adapter).base());
  }

  @Test
  void baseThatIsGivenCounts() throws IOException {
    rename("meta-llama/Llama-2-7b-hf");
    assertEquals(base, AdapterFolder.read(adapter, base).base());
  }

  @Test
  void missingBaseIsToldWithBothPaths() throws IOException {
    rename("meta-llama/Llama-2-7b-hf");
    ConfigException e = assertThrows(ConfigException.class, () -> AdapterFolder.read(adapter));
    assertTrue(
        e.getMessage().startsWith(adapter.resolve("adapter_config.json") + ": "), e::getMessage);
    assertTrue(e.getMessage().contains("\"meta-llama/Llama-2-7b-hf\""), e::getMessage);
    assertTrue(
        e.getMessage().contains(adapter.resolve("meta-llama/Llama-2-7b-hf").toString()),
        e::getMessage);
  }

  @Test
  void unnamedBaseIsTold() throws IOException {
    rename("");
    ConfigException e = assertThrows(ConfigException.class, () -> AdapterFolder.read(adapter));
    assertTrue(e.getMessage().contains("base_model_name_or_path is \"\""), e::getMessage);
  }

  @Test
  void adapterOfAnotherBaseIsRefused() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("config.json"), "{}");
    Files.writeString(other.resolve("model.safetensors"), "Weights");
    ConfigException e =
        assertThrows(ConfigException.class, () -> AdapterFolder.read(adapter, other).check());
    assertTrue(e.getMessage().contains("trained on another base"), e::getMessage);
    assertTrue(e.getMessage().contains(other.toString()), e::getMessage);
    Files.delete(adapter.resolve("dmt_adapter.json"));
    AdapterFolder.read(adapter, other).check(); // PEFT's own folders say nothing of it
  }

  @Test
  void adapterOfAnAdapterIsRefused() throws IOException {
    Path second = Files.createDirectories(folder.resolve("second"));
    Files.writeString(
        second.resolve(AdapterFolder.CONFIG), new PeftConfig(ADAPTER, "../adapter").text());
    ConfigException e = assertThrows(ConfigException.class, () -> AdapterFolder.read(second));
    assertTrue(e.getMessage().contains("is an adapter itself"), e::getMessage);
  }

  @Test
  void weightsInAnotherFormatAreRefused() throws IOException {
    Files.delete(adapter.resolve(AdapterFolder.WEIGHTS));
    Files.writeString(adapter.resolve("adapter_model.bin"), "pickled");
    ConfigException e =
        assertThrows(ConfigException.class, () -> AdapterFolder.read(adapter).check());
    assertTrue(e.getMessage().contains("weights come only as safetensors"), e::getMessage);
  }
}
