package ai.dmt.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What each library promises is what its api.txt says. Who changes it on purpose runs the test with
 * {@code -Ddmt.api.update=true}, and says so in CHANGELOG.md.
 */
public class PublicApiTest {
  private static final String UPDATE = "dmt.api.update";

  @ParameterizedTest
  @EnumSource(
      value = Module.class,
      names = {"JAVA_API", "STRATEGIES", "EVALUATORS", "STUDIES"})
  void isAsPromised(Module module) throws IOException {
    List<Class<?>> types = new ArrayList<>();
    for (JavaClass type :
        new ClassFileImporter().withImportOption(ModulesTest::isMain).importPackages("ai.dmt")) {
      if (Module.of(type) == module) {
        types.add(load(type.getName()));
      }
    }
    String promised = PublicApi.text(types);
    assertFalse(promised.contains(".internal."), () -> "internal types in " + promised);
    Path file = Path.of("..", module.folder(), "api.txt");
    if (Boolean.getBoolean(UPDATE)) {
      Files.writeString(file, promised);
    }
    assertEquals(
        Files.readString(file),
        promised,
        () ->
            file
                + " differs; if it was meant: ./mvnw test -Dtest=PublicApiTest -D"
                + UPDATE
                + "=true");
  }

  @Test
  void aChangeOfASignatureChangesTheText() {
    String before = PublicApi.text(List.of(Before.class)).replace("Before", "X");
    String after = PublicApi.text(List.of(After.class)).replace("After", "X");
    assertNotEquals(before, after);
    assertTrue(before.contains("  static java.util.List<java.lang.String> names(int)"), before);
    assertTrue(PublicApi.text(List.of(Hidden.class)).isBlank());
  }

  @Test
  void tellsWhatMayBeNull() {
    String text = PublicApi.text(List.of(Lookup.class));
    assertTrue(
        text.contains("  @Nullable java.lang.String find(@Nullable java.lang.String)"), text);
    assertTrue(
        text.contains("  java.util.List<@Nullable java.lang.String> all(int @Nullable[])"), text);
  }

  @Test
  void aWideRecordIsMadeFromItsDefaults() {
    assertTrue(PublicApi.text(List.of(Narrow.class)).contains("  new(int, int)"));
    String wide = PublicApi.text(List.of(Wide.class));
    assertTrue(wide.contains("  new(int)"), wide);
    assertFalse(wide.contains("new(int, int"), wide);
  }

  /** A type. */
  public static final class Before {
    public static List<String> names(int count) {
      return List.of();
    }
  }

  /** The same with another argument. */
  public static final class After {
    public static List<String> names(long count) {
      return List.of();
    }
  }

  /** Whose nulls are marked. */
  public static final class Lookup {
    public @Nullable String find(@Nullable String key) {
      return key;
    }

    public List<@Nullable String> all(int @Nullable [] keys) {
      return keys == null ? List.of() : Arrays.asList((String) null);
    }
  }

  /** Few components. */
  public record Narrow(int a, int b) {}

  /** Many. */
  public record Wide(int a, int b, int c, int d, int e) {
    public Wide(int a) {
      this(a, 0, 0, 0, 0);
    }
  }

  private static final class Hidden {}

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApiTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(name, e);
    }
  }
}
