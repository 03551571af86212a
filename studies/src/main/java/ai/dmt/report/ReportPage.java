package ai.dmt.report;

import ai.dmt.internal.text.Units;
import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The report as one HTML file: no request, light or dark as the reader's system. Its one script
 * makes the figures react; without it they are drawings. Every text is escaped by FreeMarker; only
 * the drawings and the script go in as they are, and the page's own policy runs no other script.
 */
public final class ReportPage {
  /** What a page may load: nothing, but for its own script, which asks where it was served from. */
  static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; script-src %s; connect-src 'self';"
              .formatted(ReportScripts.SOURCE)
          + " base-uri 'none'; form-action 'none'";

  private static final String ROOT = "<html lang=\"en\"";
  private static final double DARKEST = 0.5; // text must stay readable
  private static final Pattern NUMERIC =
      Pattern.compile("\\[?[-+]?[0-9][0-9.,e+-]*([ /%].*)?|-|none|");
  private static final Pattern PAPER = Pattern.compile("arXiv (\\d{4}\\.\\d{4,5})");
  private static final Configuration TEMPLATES = templates();

  /** Whether figures are files, too. */
  enum Files {
    BESIDE,
    NONE,
    /** Nor on paper: the page changes while it is open, and a script draws all of it. */
    LIVE
  }

  private final Report report;
  private final Files files;

  ReportPage(Report report, Files files) {
    this.report = report;
    this.files = files;
  }

  /** The page of a report whose figures are files beside it, too. */
  static String of(Report report) {
    return of(report, Files.BESIDE);
  }

  static String of(Report report, Files files) {
    return fill("report.ftlh", Map.of("page", new ReportPage(report, files)));
  }

  /** A template with its values. @param template one of this package's */
  static String fill(String template, Map<String, Object> values) {
    StringWriter text = new StringWriter();
    try {
      TEMPLATES.getTemplate(template).process(values, text);
    } catch (IOException | TemplateException e) {
      throw new IllegalStateException("the page cannot be made: " + e.getMessage(), e);
    }
    return text.toString();
  }

  /**
   * A page that is told what is new.
   *
   * @param events address of the stream, relative to the page's
   * @param position of the feed's events that the page has
   */
  static String following(String page, String events, String position) {
    return page.replaceFirst(
        ROOT, ROOT + " data-events=\"%s?after=%s\"".formatted(events, position));
  }

  /** {@return whether the page changes while it is open; for the template} */
  public boolean isLive() {
    return files == Files.LIVE;
  }

  /** {@return whether figures lie beside the page as files} */
  public boolean hasFiles() {
    return files == Files.BESIDE;
  }

  /** {@return the report that is shown; for the template} */
  public Report report() {
    return report;
  }

  /**
   * {@return a figure's drawing as SVG; for the template}
   *
   * @param figure of the report
   */
  public String drawing(Figure figure) {
    return FigurePainter.svg(figure);
  }

  /**
   * {@return a figure's data as JSON; for the template}
   *
   * @param figure of the report
   */
  public String data(Figure figure) {
    return ReportScripts.data(figure);
  }

  /**
   * {@return choices as the script reads them; for the template}
   *
   * @param weighing of a section
   */
  public String weighing(Section.Weighing weighing) {
    return ReportScripts.data(weighing);
  }

  /**
   * {@return what every figure of its kind says; for the template}
   *
   * @param figure of the report
   */
  public String note(Figure figure) {
    return figure.note();
  }

  /**
   * {@return a text as HTML, with links to the papers that it names by their numbers; for the
   * template}
   *
   * @param text of the report, of which nothing is taken for markup
   */
  public String linked(String text) {
    String escaped = HTMLOutputFormat.INSTANCE.escapePlainText(text);
    return PAPER.matcher(escaped).replaceAll("<a href=\"https://arxiv.org/abs/$1\">$0</a>");
  }

  /** {@return what may be loaded; for the template} */
  public String policy() {
    return POLICY;
  }

  /** {@return the script that makes figures react; for the template} */
  public String script() {
    return ReportScripts.SCRIPT;
  }

  /** {@return colours of drawings on a light page, as CSS; for the template} */
  public String lightColors() {
    return Theme.LIGHT.properties();
  }

  /** {@return colours of drawings on a dark page, as CSS; for the template} */
  public String darkColors() {
    return Theme.DARK.properties();
  }

  /**
   * {@return whether a column holds words rather than numbers; for the template}
   *
   * @param table of the report
   * @param column its number, from 0
   */
  public boolean isText(Table table, int column) {
    return table.rows().stream()
        .map(row -> row.get(column))
        .anyMatch(cell -> !NUMERIC.matcher(cell).matches());
  }

  /**
   * {@return a shaded cell's background, as CSS; empty for none; for the template}
   *
   * @param shade how dark the cell is, in [0, 1]; NaN for none
   */
  public String shade(Double shade) {
    return shade.isNaN() ? "" : Units.format("rgba(213, 94, 0, %.2f)", DARKEST * shade);
  }

  /**
   * {@return a block's kind, the name of its class; for the template}
   *
   * @param block of a section
   */
  public String kind(Section.Block block) {
    return block.getClass().getSimpleName();
  }

  private static Configuration templates() {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setClassForTemplateLoading(ReportPage.class, "");
    configuration.setDefaultEncoding("UTF-8");
    configuration.setLocale(Locale.ROOT);
    configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    return configuration;
  }
}
