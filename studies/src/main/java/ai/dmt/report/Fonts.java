package ai.dmt.report;

import ai.dmt.config.ConfigException;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** The machine's fonts, which figures need and headless Java does not bring. */
public final class Fonts {
  private Fonts() {}

  /**
   * Checks that Java can draw text here; to be called before work whose report has figures.
   *
   * @throws ConfigException that says what is missing
   */
  public static void require() {
    try {
      Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
      graphics.getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, 12)).stringWidth("0");
      graphics.dispose();
    } catch (RuntimeException | Error e) { // each JDK has one of its own
      throw new ConfigException(
          "figures cannot be drawn, since Java cannot use this machine's fonts (%s); it needs the libraries fontconfig, freetype and harfbuzz, and one font: on Debian and Ubuntu, apt-get install fontconfig libharfbuzz0b"
              .formatted(reason(e)),
          e);
    }
  }

  private static String reason(Throwable error) {
    String message = error.getMessage() == null ? error.getClass().getName() : error.getMessage();
    Throwable cause = error.getCause(); // such as of "Could not initialize class"
    return cause == null || cause.getMessage() == null
        ? message
        : message + ": " + cause.getMessage();
  }
}
