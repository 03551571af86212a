import ai.dmt.config.DmtException;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.model.Model;
import java.nio.file.Path;

/** Asks a model something on a GPU; where there is none, says what is missing for it. */
public final class Gpu {
  private Gpu() {}

  /** Arguments: model folder, a question. */
  public static void main(String[] args) {
    EngineConfig config = EngineConfig.inference().withDevice(DeviceConfig.cuda().at(0));
    try (Model model = Model.open(Path.of(args[0]), config)) {
      System.out.println("answer: " + model.answer(args[1]));
    } catch (DmtException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
