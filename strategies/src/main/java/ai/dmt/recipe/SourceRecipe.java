package ai.dmt.recipe;

import ai.dmt.config.Faults;
import ai.dmt.data.FieldMapping;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.SkipPolicy;
import ai.dmt.data.SourceFiles;
import ai.dmt.train.Corpus;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A source of a recipe. */
public record SourceRecipe(
    @Doc("specialized or general") Corpus.Role role,
    @Doc("Format of the records; auto recognises it") @Words(Vocabulary.FORMAT) String format,
    @Doc("Files, read in this order") List<String> files,
    @Doc("Names of the record's fields where they differ from the format's")
        @Words(Vocabulary.FIELD)
        Map<String, String> fields,
    @Doc("Share of the source that is used, such as 1/256; in (0, 1]") double fraction,
    @Doc("Samples of the whole source, to plan without its data; 0 if not known") int samples,
    @Doc("Most samples that are read, the first ones; 0 for all") int maxSamples,
    @Doc("What happens to a record at fault: fail, or skip it and count")
        SkipPolicy.OnError onError,
    @Doc("With on_error skip: most records of a file that may be skipped") long maxErrors,
    @Doc("What happens to a conversation whose roles do not alternate: fail, or drop it and count")
        ReadOptions.RoleOrder roleOrder,
    @Doc(
            "What happens to a record with text in fields that its format does not have: count or fail")
        ReadOptions.UnreadText unreadText,
    @Doc("Largest record in bytes after decompression") int maxRecordBytes,
    @Doc("What of the source is kept, and how long conversations are split")
        PrepareRecipe prepare) {
  /**
   * Records at fault that a file may have unless the recipe says otherwise, if they are skipped.
   */
  private static final long DEFAULT_MAX_ERRORS = 100;

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
        .present("on_error", onError)
        .notNegative("max_errors", maxErrors)
        .present("role_order", roleOrder)
        .present("unread_text", unreadText)
        .positive("max_record_bytes", maxRecordBytes)
        .present("prepare", prepare)
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
    values.put("onError", SkipPolicy.OnError.FAIL);
    values.put("maxErrors", DEFAULT_MAX_ERRORS);
    values.put("roleOrder", ReadOptions.RoleOrder.FAIL);
    values.put("unreadText", ReadOptions.UnreadText.COUNT);
    values.put("maxRecordBytes", ReadOptions.DEFAULT_MAX_RECORD_BYTES);
    values.put("prepare", PrepareRecipe.defaults());
    return values;
  }

  /** A copy with another {@link #fraction()}. */
  public SourceRecipe withFraction(double value) {
    return RecordCopy.with(this, "fraction", value);
  }

  /**
   * How the files are read and what of them is kept.
   *
   * @param name of the source
   * @throws ai.dmt.config.ConfigException if there is no file
   */
  public SourceFiles sourceFiles(String name) {
    return new SourceFiles(
        name,
        files.stream().map(Path::of).toList(),
        new ReadOptions(
            format,
            new FieldMapping(fields),
            onError == SkipPolicy.OnError.SKIP ? SkipPolicy.skip(maxErrors) : SkipPolicy.fail(),
            roleOrder,
            unreadText,
            maxRecordBytes),
        prepare.config(),
        maxSamples == 0 ? Long.MAX_VALUE : maxSamples);
  }

  /** All of some files, whose format is told by their records. */
  public static SourceRecipe of(Corpus.Role role, List<Path> files) {
    return new SourceRecipe(
        role,
        "auto",
        files.stream().map(Path::toString).toList(),
        Map.of(),
        1,
        0,
        0,
        SkipPolicy.OnError.FAIL,
        DEFAULT_MAX_ERRORS,
        ReadOptions.RoleOrder.FAIL,
        ReadOptions.UnreadText.COUNT,
        ReadOptions.DEFAULT_MAX_RECORD_BYTES,
        PrepareRecipe.defaults());
  }

  /** A copy with another {@link #role()}. */
  public SourceRecipe withRole(Corpus.Role value) {
    return RecordCopy.with(this, "role", value);
  }

  /** A copy with another {@link #format()}. */
  public SourceRecipe withFormat(String value) {
    return RecordCopy.with(this, "format", value);
  }

  /** A copy with another {@link #files()}. */
  public SourceRecipe withFiles(List<String> value) {
    return RecordCopy.with(this, "files", value);
  }

  /** A copy with another {@link #fields()}. */
  public SourceRecipe withFields(Map<String, String> value) {
    return RecordCopy.with(this, "fields", value);
  }

  /** A copy with another {@link #samples()}. */
  public SourceRecipe withSamples(int value) {
    return RecordCopy.with(this, "samples", value);
  }

  /** A copy with another {@link #maxSamples()}. */
  public SourceRecipe withMaxSamples(int value) {
    return RecordCopy.with(this, "maxSamples", value);
  }

  /** A copy with another {@link #onError()}. */
  public SourceRecipe withOnError(SkipPolicy.OnError value) {
    return RecordCopy.with(this, "onError", value);
  }

  /** A copy with another {@link #maxErrors()}. */
  public SourceRecipe withMaxErrors(long value) {
    return RecordCopy.with(this, "maxErrors", value);
  }

  /** A copy with another {@link #roleOrder()}. */
  public SourceRecipe withRoleOrder(ReadOptions.RoleOrder value) {
    return RecordCopy.with(this, "roleOrder", value);
  }

  /** A copy with another {@link #unreadText()}. */
  public SourceRecipe withUnreadText(ReadOptions.UnreadText value) {
    return RecordCopy.with(this, "unreadText", value);
  }

  /** A copy with another {@link #maxRecordBytes()}. */
  public SourceRecipe withMaxRecordBytes(int value) {
    return RecordCopy.with(this, "maxRecordBytes", value);
  }

  /** A copy with another {@link #prepare()}. */
  public SourceRecipe withPrepare(PrepareRecipe value) {
    return RecordCopy.with(this, "prepare", value);
  }
}
