package ai.dmt.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/** What is written is read with TensorFlow's own messages, which know nothing of our schema. */
@Tag("jackson")
class EventFileTest {
  private final List<String> told = new ArrayList<>();

  @TempDir private Path folder;

  private EventFile after(long step) {
    return EventFile.after(folder, step, told::add);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  private static Map<String, Double> loss(double value) {
    return Map.of("train/loss", value);
  }

  @Test
  void numbersAndTextsAreTensorFlowsMessages() throws IOException {
    long before = System.currentTimeMillis() / 1000;
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", 2.5);
    values.put("train/loss/gr\u00fc\u00df \u4f60", Double.NaN);
    try (EventFile events = after(0)) {
      events.scalars(7, values);
      events.text(8, "samples/math", "**\u4f60\u597d**\n\n\ud83d\ude80 " + "x".repeat(100_000));
    }
    List<Event> read = ReadEvents.of(files().get(0));
    assertEquals("brain.Event:2", read.get(0).getFileVersion());
    assertEquals(3, read.size());
    Summary numbers = read.get(1).getSummary();
    assertEquals(7, read.get(1).getStep());
    assertTrue(read.get(1).getWallTime() >= before, () -> "" + read.get(1).getWallTime());
    assertEquals(2.5f, numbers.getValue(0).getSimpleValue());
    assertEquals("train/loss/gr\u00fc\u00df \u4f60", numbers.getValue(1).getTag());
    assertTrue(Float.isNaN(numbers.getValue(1).getSimpleValue()));
    Summary.Value text = read.get(2).getSummary().getValue(0);
    assertEquals("samples/math", text.getTag());
    assertEquals("text", text.getMetadata().getPluginData().getPluginName());
    assertEquals("DT_STRING", text.getTensor().getDtype().name());
    assertEquals(1, text.getTensor().getTensorShape().getDim(0).getSize());
    assertTrue(
        text.getTensor().getStringVal(0).toStringUtf8().startsWith("**\u4f60\u597d**\n\n\ud83d"));
    assertEquals(List.of(), told);
  }

  @Test
  void aRunThatGoesOnWritesNoStepTwice() throws IOException {
    try (EventFile events = after(0)) {
      for (int step = 1; step <= 5; step++) {
        events.scalars(step, loss(step));
      }
    }
    Path first = files().get(0);
    byte[] whole = Files.readAllBytes(first);
    byte[] half = Arrays.copyOf(whole, whole.length - 9); // the run was killed within it
    Files.write(first, half);
    Path others = Files.writeString(folder.resolve("events.out.tfevents.9.host"), "of others");
    try (EventFile events = after(3)) {
      events.scalars(4, loss(40));
    }
    try (EventFile events = after(3)) {
      events.scalars(4, loss(400));
    }
    List<Long> steps = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    for (Path file : files().stream().filter(each -> !each.equals(others)).toList()) {
      for (Event event : ReadEvents.of(file)) {
        if (event.hasSummary()) {
          steps.add(event.getStep());
        } else if (event.getSessionLog().getStatus() == SessionLog.SessionStatus.START) {
          starts.add(event.getStep());
        }
      }
    }
    assertEquals(List.of(1L, 2L, 3L, 4L), steps);
    assertEquals(List.of(4L, 4L), starts); // a TensorBoard that looks on forgets what it has seen
    assertEquals("of others", Files.readString(others));
    try (EventFile events = after(0)) {
      events.scalars(1, loss(1));
    }
    assertEquals(2, files().size(), files()::toString); // a run that begins anew, and the others'
  }

  @Test
  void damageEndsWhatIsRead() throws IOException {
    try (EventFile events = after(0)) {
      events.scalars(1, loss(1));
      events.scalars(2, loss(2));
    }
    Path file = files().get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 10] ^= 1; // within the second step
    Files.write(file, bytes);
    after(2).close();
    assertEquals(2, ReadEvents.of(file).size()); // version and first step
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDiskThatIsFullIsToldOnceAndEndsNothing() throws IOException {
    try (EventFile events = EventFile.to(Path.of("/dev/full"), told::add)) {
      events.scalars(1, loss(1));
      events.scalars(2, loss(2));
    }
    assertEquals(
        List.of(
            "/dev/full cannot be written: No space left on device; the run goes on without"
                + " TensorBoard's events"),
        told);
    told.clear();
    Path wall = Files.writeString(folder.resolve("wall"), "");
    for (int tries = 0; tries < 2; tries++) {
      try (EventFile events = EventFile.after(wall.resolve("in"), 0, told::add)) {
        events.scalars(1, loss(1));
        events.text(1, "a", "b");
      }
    }
    assertEquals(2, told.size(), told::toString);
    assertTrue(told.get(0).contains("wall"), told::toString);
    assertTrue(told.get(0).contains("the run goes on without"), told::toString);
    assertFalse(Files.exists(folder.resolve("wall/in")));
  }
}
