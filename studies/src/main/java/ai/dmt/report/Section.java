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
  /** Copies the blocks. */
  public Section {
    blocks = List.copyOf(blocks);
  }

  /** Something that a section shows. */
  public sealed interface Block {}

  /** A paragraph. */
  public record Paragraph(String text) implements Block {}

  /** A table under a caption. */
  public record TableBlock(String caption, Table table) implements Block {}

  /** Figures with their data, side by side where there is room. */
  public record Figures(List<Figure> figures) implements Block {
    /** Copies the list. */
    public Figures {
      figures = List.copyOf(figures);
    }
  }

  /** Figures that few readers ask for. */
  public record FoldedFigures(String summary, List<Figure> figures) implements Block {
    /** Copies the list. */
    public FoldedFigures {
      figures = List.copyOf(figures);
    }
  }

  /** A table too long to be open at once. */
  public record FoldedTable(String summary, Table table) implements Block {}

  /**
   * A table whose cells are shaded.
   *
   * @param shades for each row and column: how dark a cell is, in [0, 1]; NaN for none
   */
  public record HeatTable(String caption, Table table, List<List<Double>> shades) implements Block {
    /** Copies, and checks that there is a shade for each cell. */
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
   * Texts, such as what models answered, each folded under its line, and all under one. They are
   * shown as they are, never as markup.
   */
  public record Excerpts(String summary, List<Excerpt> excerpts) implements Block {
    /** Copies the list. */
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
    /** Copies the parts. */
    public Excerpt {
      parts = List.copyOf(parts);
    }
  }

  /** A text and what it is. */
  public record Part(String label, String text) {}
}
