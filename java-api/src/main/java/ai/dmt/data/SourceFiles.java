package ai.dmt.data;

import ai.dmt.internal.text.Faults;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of a source and what is done with them.
 *
 * @param name of the source
 * @param files read in this order
 * @param options how they are read
 * @param preparation what of them is kept
 * @param limit most conversations, the first ones after preparation; {@link Long#MAX_VALUE} for all
 */
public record SourceFiles(
    String name, List<Path> files, ReadOptions options, PreparationConfig preparation, long limit) {
  /**
   * Checks that there is a file; copies the list.
   *
   * @param name see {@link #name()}
   * @param files see {@link #files()}
   * @param options see {@link #options()}
   * @param preparation see {@link #preparation()}
   * @param limit see {@link #limit()}
   * @throws ai.dmt.config.ConfigException if there is none, if the name is blank, if the limit is
   *     not positive, or if a value is missing
   */
  public SourceFiles {
    files = List.copyOf(files);
    new Faults("source")
        .require(name != null && !name.isBlank(), "name must not be blank, got \"" + name + "\"")
        .require(!files.isEmpty(), "files must not be empty")
        .present("options", options)
        .present("preparation", preparation)
        .positive("limit", limit)
        .throwIfAny();
  }

  /**
   * {@return files read as they are, with the standard options}
   *
   * @param name see {@link #name()}
   * @param files see {@link #files()}; at least one
   */
  public static SourceFiles of(String name, List<Path> files) {
    return new SourceFiles(
        name, files, ReadOptions.defaults(), PreparationConfig.none(), Long.MAX_VALUE);
  }

  /**
   * {@return a copy with another {@link #options()}}
   *
   * @param how the files are read
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public SourceFiles withOptions(ReadOptions how) {
    return new SourceFiles(name, files, how, preparation, limit);
  }

  /**
   * {@return a copy with another {@link #preparation()}}
   *
   * @param rules what of it is kept
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public SourceFiles withPreparation(PreparationConfig rules) {
    return new SourceFiles(name, files, options, rules, limit);
  }

  /**
   * {@return a copy with another {@link #limit()}}
   *
   * @param most samples that are read; at least 1
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public SourceFiles withLimit(long most) {
    return new SourceFiles(name, files, options, preparation, most);
  }
}
