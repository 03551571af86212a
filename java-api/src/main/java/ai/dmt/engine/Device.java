package ai.dmt.engine;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Named;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What engines compute on, and where their tensors are. */
public enum Device {
  /** The machine's cores. */
  CPU,
  /** A GPU of NVIDIA's. Needs its driver, and dmt built for it. */
  CUDA;

  /** {@return the name in settings and recipes, such as "cuda"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the names of all devices, in the order of the constants} */
  public static List<String> names() {
    return Arrays.stream(values()).map(Device::text).toList();
  }

  /**
   * Finds a device by its name.
   *
   * @param text "cpu" or "cuda"
   * @return the device of this name
   * @throws ConfigException if there is none of this name
   */
  public static Device parse(String text) {
    return Named.setting("device", values(), Device::text, text);
  }
}
