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

  /** A figure with its data. */
  public record FigureBlock(Figure figure) implements Block {}

  /** A table too long to be open at once. */
  public record FoldedTable(String summary, Table table) implements Block {}
}
