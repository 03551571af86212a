package ai.dmt.recipe;

import ai.dmt.config.Faults;
import ai.dmt.train.Corpus;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A source of a recipe. */
public record SourceRecipe(
    @Doc("specialized or general") Corpus.Role role,
    @Doc("Format of the records; auto recognises it") String format,
    @Doc("Files, read in this order") List<String> files,
    @Doc("Names of the record's fields where they differ from the format's")
        Map<String, String> fields,
    @Doc("Share of the source that is used, such as 1/256; in (0, 1]") double fraction,
    @Doc("Samples of the whole source, to plan without its data; 0 if not known") int samples,
    @Doc("Most samples that are read, the first ones; 0 for all") int maxSamples) {
  /** Checks ranges; copies the collections. */
  public SourceRecipe {
    files = files == null ? List.of() : List.copyOf(files);
    fields = fields == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    new Faults("source")
        .present("role", role)
        .present("format", format)
        .require(fraction > 0 && fraction <= 1, "fraction must be in (0, 1], got " + fraction)
        .notNegative("samples", samples)
        .notNegative("max_samples", maxSamples)
        .throwIfAny();
  }

  /** What is used where a recipe says nothing; the role must be said. */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("format", "auto");
    values.put("files", List.of());
    values.put("fields", Map.of());
    values.put("fraction", 1.0);
    values.put("samples", 0);
    values.put("maxSamples", 0);
    return values;
  }

  /** A copy with another {@link #fraction()}. */
  public SourceRecipe withFraction(double share) {
    return new SourceRecipe(role, format, files, fields, share, samples, maxSamples);
  }
}
