package ai.dmt.report;

import java.util.List;

/**
 * A part of the report under one heading.
 *
 * @param id of its anchor
 * @param title of its heading
 * @param blocks from top to bottom
 */
public record Section(String id, String title, List<Block> blocks) {
  /**
   * Copies the blocks.
   *
   * @param id of its anchor
   * @param title of its heading
   * @param blocks from top to bottom
   */
  public Section {
    blocks = List.copyOf(blocks);
  }

  /** Something that a section shows. */
  public sealed interface Block {}

  /**
   * A paragraph.
   *
   * @param text one or more sentences
   */
  public record Paragraph(String text) implements Block {}

  /**
   * A table under a caption.
   *
   * @param caption above the table
   * @param table of any size
   * @param anchors what the first cell of each row leads to; empty for nothing
   */
  public record TableBlock(String caption, Table table, List<String> anchors) implements Block {
    /**
     * Copies the anchors, and checks that there is one for each row.
     *
     * @param caption above the table
     * @param table of any size
     * @param anchors what the first cell of each row leads to; empty for nothing
     */
    public TableBlock {
      anchors = List.copyOf(anchors);
      if (!anchors.isEmpty() && anchors.size() != table.rows().size()) {
        throw new IllegalArgumentException(
            "\"%s\" has %s rows and %s anchors"
                .formatted(caption, table.rows().size(), anchors.size()));
      }
    }

    /**
     * Makes a table that leads nowhere.
     *
     * @param caption above the table
     * @param table of any size
     */
    public TableBlock(String caption, Table table) {
      this(caption, table, List.of());
    }
  }

  /**
   * Figures with their data, side by side where there is room.
   *
   * @param figures from left to right
   */
  public record Figures(List<Figure> figures) implements Block {
    /**
     * Copies the list.
     *
     * @param figures from left to right
     */
    public Figures {
      figures = List.copyOf(figures);
    }
  }

  /**
   * Figures that few readers ask for.
   *
   * @param summary what is seen when they are folded
   * @param figures from left to right
   */
  public record FoldedFigures(String summary, List<Figure> figures) implements Block {
    /**
     * Copies the list.
     *
     * @param summary what is seen when they are folded
     * @param figures from left to right
     */
    public FoldedFigures {
      figures = List.copyOf(figures);
    }
  }

  /**
   * A table too long to be open at once.
   *
   * @param summary what is seen when it is folded
   * @param table of any size
   * @param id of its anchor; empty for none
   */
  public record FoldedTable(String summary, Table table, String id) implements Block {
    /**
     * Makes a table that nothing leads to.
     *
     * @param summary what is seen when it is folded
     * @param table of any size
     */
    public FoldedTable(String summary, Table table) {
      this(summary, table, "");
    }
  }

  /**
   * A table whose cells are shaded.
   *
   * @param caption above the table
   * @param table with as many rows and columns as there are shades
   * @param shades for each row and column: how dark a cell is, in [0, 1]; NaN for none
   */
  public record HeatTable(String caption, Table table, List<List<Double>> shades) implements Block {
    /**
     * Copies, and checks that there is a shade for each cell.
     *
     * @param caption above the table
     * @param table with as many rows and columns as there are shades
     * @param shades for each row and column: how dark a cell is, in [0, 1]; NaN for none
     */
    public HeatTable {
      shades = shades.stream().map(List::copyOf).toList();
      if (shades.size() != table.rows().size()
          || shades.stream().anyMatch(row -> row.size() != table.header().size())) {
        throw new IllegalArgumentException(
            "\"%s\" has other shades than cells: %s".formatted(caption, shades));
      }
    }
  }

  /**
   * Choices whose values the reader weighs by moving a slider for each measure; the one with the
   * lowest weighted sum is shown. Where no scripts run it is not there, so a table beside it must
   * say what matters.
   *
   * @param caption above the sliders
   * @param measures a slider each
   * @param choices at least one
   */
  public record Weighing(String caption, List<String> measures, List<Choice> choices)
      implements Block {
    /**
     * Copies, and checks that each choice has a value of each measure.
     *
     * @param caption above the sliders
     * @param measures a slider each
     * @param choices at least one
     */
    public Weighing {
      measures = List.copyOf(measures);
      choices = List.copyOf(choices);
      for (Choice choice : choices) {
        if (choice.values().size() != measures.size() || choice.texts().size() != measures.size()) {
          throw new IllegalArgumentException(
              "\"%s\" has other values than measures %s".formatted(choice.name(), measures));
        }
      }
    }
  }

  /**
   * What may be chosen.
   *
   * @param name of it
   * @param values in the order of the measures; the lower, the better
   * @param texts of the values, for people
   */
  public record Choice(String name, List<Double> values, List<String> texts) {
    /**
     * Copies the lists.
     *
     * @param name of it
     * @param values in the order of the measures; the lower, the better
     * @param texts of the values, for people
     */
    public Choice {
      values = List.copyOf(values);
      texts = List.copyOf(texts);
    }
  }

  /**
   * Texts, such as what models answered, each folded under its line, and all under one. They are
   * shown as they are, never as markup.
   *
   * @param summary what is seen when all are folded
   * @param excerpts from top to bottom
   */
  public record Excerpts(String summary, List<Excerpt> excerpts) implements Block {
    /**
     * Copies the list.
     *
     * @param summary what is seen when all are folded
     * @param excerpts from top to bottom
     */
    public Excerpts {
      excerpts = List.copyOf(excerpts);
    }
  }

  /**
   * Texts under one line.
   *
   * @param id of its anchor
   * @param summary what is seen when it is folded
   * @param parts from top to bottom
   */
  public record Excerpt(String id, String summary, List<Part> parts) {
    /**
     * Copies the parts.
     *
     * @param id of its anchor
     * @param summary what is seen when it is folded
     * @param parts from top to bottom
     */
    public Excerpt {
      parts = List.copyOf(parts);
    }
  }

  /**
   * A text and what it is.
   *
   * @param label what it is
   * @param text as it is shown, never as markup
   */
  public record Part(String label, String text) {}

  /**
   * Texts of which parts are coloured.
   *
   * @param caption stands above them
   * @param texts one below the other
   */
  public record Marked(String caption, List<MarkedText> texts) implements Block {
    /**
     * Copies the list.
     *
     * @param caption stands above them
     * @param texts one below the other
     */
    public Marked {
      texts = List.copyOf(texts);
    }
  }

  /**
   * A text of which parts are coloured.
   *
   * @param title stands above it
   * @param spans that make the text
   */
  public record MarkedText(String title, List<Span> spans) {
    /**
     * Copies the list.
     *
     * @param title stands above it
     * @param spans that make the text
     */
    public MarkedText {
      spans = List.copyOf(spans);
    }
  }

  /**
   * A part of a text.
   *
   * @param text of the part
   * @param marked whether it is coloured
   */
  public record Span(String text, boolean marked) {}
}
