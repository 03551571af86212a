package ai.dmt.representation;

import ai.dmt.data.Conversation;
import ai.dmt.data.ConversationReader;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.SourceFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which ability samples ask for where their record says so: a general conversation tagged "math"
 * asks for that of the source of this name.
 */
public final class AbilityTags {
  private final Map<Origin, String> tags;

  private AbilityTags(Map<Origin, String> tags) {
    this.tags = tags;
  }

  /** {@return no tags: every sample asks for the ability of its own source} */
  public static AbilityTags none() {
    return new AbilityTags(Map.of());
  }

  /**
   * Reads the tags of records.
   *
   * @param files of all sources, as their samples were read
   * @return the tags that are names of sources
   * @throws ai.dmt.data.DataException if a file is at fault
   */
  public static AbilityTags read(List<SourceFiles> files) {
    List<String> names = files.stream().map(SourceFiles::name).toList();
    Map<Origin, String> tags = new HashMap<>();
    for (SourceFiles source : files) {
      for (Path file : source.files()) {
        try (ConversationReader reader = ConversationReader.open(file, source.options())) {
          while (reader.hasNext()) {
            Conversation conversation = reader.next();
            conversation.tags().stream()
                .filter(names::contains)
                .findFirst()
                .ifPresent(tag -> tags.put(conversation.origin(), tag));
          }
        }
      }
    }
    return new AbilityTags(tags);
  }

  /** The ability that a sample of a source asks for. */
  String of(EncodedSample sample, String source) {
    return tags.getOrDefault(sample.origin(), source);
  }
}
