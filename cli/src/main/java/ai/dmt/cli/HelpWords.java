package ai.dmt.cli;

import ai.dmt.data.ReadOptions;
import ai.dmt.data.TemplateNames;
import java.util.ListResourceBundle;

/** What help texts say as {@code ${bundle:KEY}}, so that no list is written twice. */
public final class HelpWords extends ListResourceBundle {
  @Override
  protected Object[][] getContents() {
    return new Object[][] {
      {"formats", String.join(", ", ReadOptions.formats())},
      {"templates", String.join(", ", TemplateNames.trainable())}
    };
  }
}
