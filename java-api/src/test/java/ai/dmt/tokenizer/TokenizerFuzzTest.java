package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken tokenizers are refused or work; none ends the JVM, takes long or leaves a trace. */
class TokenizerFuzzTest {
  private static final Path FOLDERS = Path.of("src/test/resources/ai/dmt/tokenizer/folders");

  /** What both kinds share. */
  abstract static class TokenizerReader implements FuzzedReader {
    static List<byte[]> files(String name, String... folders) throws IOException {
      List<byte[]> files = new ArrayList<>();
      for (String folder : folders) {
        files.add(Files.readAllBytes(FOLDERS.resolve(folder).resolve(name)));
      }
      return files;
    }

    @Override
    public void read(Path file) {
      try (Tokenizer tokenizer = Tokenizer.open(file)) {
        for (String text :
            List.of("Hello  you\n", " \u5317\u4eac \ufb01 42", "\u00e9\u0000x</s>")) {
          int[] ids = tokenizer.encode(text, new TextPlace(tokenizer.eosId(), TextPlace.NOTHING));
          tokenizer.decode(ids);
          tokenizer.decode(tokenizer.encode(text));
        }
        tokenizer.decode(new int[] {0, 1, 2, 3, 77, 300, 400, 5000});
      }
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(TokenizerException.class);
    }
  }

  /** tokenizer.json. */
  public static final class JsonReader extends TokenizerReader {
    @Override
    public List<byte[]> samples() throws IOException {
      return files(
          "tokenizer.json",
          "llama2-both",
          "metaspace-first",
          "mixed-added-tokens",
          "unigram-json",
          "yi-like",
          "falcon3");
    }

    @Override
    public String fileName() {
      return "tokenizer.json";
    }
  }

  /** tokenizer.model as its own library uses it, normaliser and all. */
  public static final class PiecesReader extends TokenizerReader {
    @Override
    public List<byte[]> samples() throws IOException {
      return files("tokenizer.model", "characters-replaced", "llama2-both", "user-defined-pieces");
    }

    @Override
    public String fileName() {
      return "tokenizer.model";
    }

    @Override
    public boolean isWireFormat() {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {JsonReader.class, PiecesReader.class})
  void mutantsDoNoHarm(Class<? extends FuzzedReader> reader, @TempDir Path work)
      throws IOException, InterruptedException {
    FuzzRun.Outcome outcome = FuzzRun.demandNoHarm(reader, 150, work);
    long count = outcome.read() + outcome.refused();
    assertTrue(outcome.read() > count / 50, outcome::toString);
    assertTrue(outcome.refused() > count / 4, outcome::toString);
  }
}
