package ai.dmt.cli;

import ai.dmt.data.ReadOptions;
import ai.dmt.data.TemplateNames;
import java.util.ListResourceBundle;
import picocli.CommandLine;

/** What help texts say as {@code ${bundle:KEY}}, so that no list is written twice. */
public final class HelpWords extends ListResourceBundle {
  @Override
  protected Object[][] getContents() {
    return new Object[][] {
      {"formats", String.join(", ", ReadOptions.formats())},
      {"templates", String.join(", ", TemplateNames.trainable())}
    };
  }

  /** A description without variables and colours, for what is no help of picocli's. */
  static String plain(String text) {
    HelpWords words = new HelpWords();
    String plain = text.replace("%n", "\n").replace("%%", "%");
    for (String key : words.keySet()) {
      plain = plain.replace("${bundle:" + key + "}", words.getString(key));
    }
    return CommandLine.Help.Ansi.OFF.string(plain).strip();
  }
}
