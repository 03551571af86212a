package ai.dmt.recipe;

import ai.dmt.data.FieldMapping;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.SkipPolicy;
import ai.dmt.data.SourceFiles;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import ai.dmt.train.Corpus;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A source of a recipe.
 *
 * @param role specialized or general
 * @param format format of the records; auto recognises it
 * @param files files, read in this order
 * @param heldOut files of samples that are held out, in the same format; empty for a share of the
 *     source, {@code data.eval_fraction}
 * @param fields names of the record's fields where they differ from the format's
 * @param fraction share of the source that is used, such as 1/256; in (0, 1]
 * @param samples samples of the whole source, to plan without its data; 0 if not known
 * @param maxSamples most samples that are read, the first ones; 0 for all
 * @param onError what happens to a record at fault: fail, or skip it and count
 * @param maxErrors with onError skip: most records of a file that may be skipped; 0 or more
 * @param roleOrder what happens to a conversation whose roles do not alternate: fail, or drop it
 *     and count
 * @param unreadText what happens to a record with text in fields that its format does not have:
 *     count or fail
 * @param maxRecordBytes largest record in bytes after decompression; at least 1
 * @param prepare what of the source is kept, and how long conversations are split
 */
public record SourceRecipe(
    @Doc("specialized or general") Corpus.Role role,
    @Doc("Format of the records; auto recognises it") @Words(Vocabulary.FORMAT) String format,
    @Doc("Files, read in this order") List<String> files,
    @Doc("Files of samples that are held out; empty for a share of the source, eval_fraction")
        List<String> heldOut,
    @Doc("Names of the record's fields where they differ from the format's")
        @Words(Vocabulary.FIELD)
        Map<String, String> fields,
    @Doc("Share of the source that is used, such as 1/256; in (0, 1]") @Range("(0, 1]")
        double fraction,
    @Doc("Samples of the whole source, to plan without its data; 0 if not known") @Range("[0, inf)")
        int samples,
    @Doc("Most samples that are read, the first ones; 0 for all") @Range("[0, inf)") int maxSamples,
    @Doc("What happens to a record at fault: fail, or skip it and count")
        SkipPolicy.OnError onError,
    @Doc("With on_error skip: most records of a file that may be skipped") @Range("[0, inf)")
        long maxErrors,
    @Doc("What happens to a conversation whose roles do not alternate: fail, or drop it and count")
        ReadOptions.RoleOrder roleOrder,
    @Doc(
            "What happens to a record with text in fields that its format does not have: count or"
                + " fail")
        ReadOptions.UnreadText unreadText,
    @Doc("Largest record in bytes after decompression") @Range("[1, inf)") int maxRecordBytes,
    @Doc("What of the source is kept, and how long conversations are split")
        PrepareRecipe prepare) {
  /**
   * Records at fault that a file may have unless the recipe says otherwise, if they are skipped.
   */
  private static final long DEFAULT_MAX_ERRORS = 100;

  /**
   * Checks ranges; copies the collections.
   *
   * @param role specialized or general
   * @param format format of the records; auto recognises it
   * @param files files, read in this order
   * @param heldOut files of samples that are held out, in the same format; empty for a share of the
   *     source, {@code data.eval_fraction}
   * @param fields names of the record's fields where they differ from the format's
   * @param fraction share of the source that is used, such as 1/256; in (0, 1]
   * @param samples samples of the whole source, to plan without its data; 0 if not known
   * @param maxSamples most samples that are read, the first ones; 0 for all
   * @param onError what happens to a record at fault: fail, or skip it and count
   * @param maxErrors with onError skip: most records of a file that may be skipped; 0 or more
   * @param roleOrder what happens to a conversation whose roles do not alternate: fail, or drop it
   *     and count
   * @param unreadText what happens to a record with text in fields that its format does not have:
   *     count or fail
   * @param maxRecordBytes largest record in bytes after decompression; at least 1
   * @param prepare what of the source is kept, and how long conversations are split
   */
  public SourceRecipe {
    files = files == null ? List.of() : List.copyOf(files);
    heldOut = heldOut == null ? List.of() : List.copyOf(heldOut);
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

  /** {@return what is used where a recipe says nothing, by component; the role must be said} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("format", "auto");
    values.put("files", List.of());
    values.put("heldOut", List.of());
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

  /**
   * {@return a copy with another {@link #fraction()}}
   *
   * @param value share of the source that is used, such as 1/256; in (0, 1]
   */
  public SourceRecipe withFraction(double value) {
    return RecordCopy.with(this, "fraction", value);
  }

  /**
   * {@return how the files are read and what of them is kept}
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

  /**
   * {@return a source of all records of some files, whose format is told by the records}
   *
   * @param role specialized or general
   * @param files read in this order
   */
  public static SourceRecipe of(Corpus.Role role, List<Path> files) {
    return new SourceRecipe(
        role,
        "auto",
        files.stream().map(Path::toString).toList(),
        List.of(),
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

  /**
   * {@return a copy with another {@link #role()}}
   *
   * @param value specialized or general
   */
  public SourceRecipe withRole(Corpus.Role value) {
    return RecordCopy.with(this, "role", value);
  }

  /**
   * {@return a copy with another {@link #format()}}
   *
   * @param value format of the records; auto recognises it
   */
  public SourceRecipe withFormat(String value) {
    return RecordCopy.with(this, "format", value);
  }

  /**
   * {@return a copy with another {@link #files()}}
   *
   * @param value files, read in this order
   */
  public SourceRecipe withFiles(List<String> value) {
    return RecordCopy.with(this, "files", value);
  }

  /**
   * {@return a copy with another {@link #heldOut()}}
   *
   * @param value files of samples that are held out; empty for a share of the source
   */
  public SourceRecipe withHeldOut(List<String> value) {
    return RecordCopy.with(this, "heldOut", value);
  }

  /**
   * {@return the source that is held out, all of its files; {@link #heldOut()} must not be empty}
   */
  public SourceRecipe heldOutSource() {
    return withFiles(heldOut).withHeldOut(List.of()).withMaxSamples(0);
  }

  /**
   * {@return a copy with another {@link #fields()}}
   *
   * @param value names of the record's fields where they differ from the format's
   */
  public SourceRecipe withFields(Map<String, String> value) {
    return RecordCopy.with(this, "fields", value);
  }

  /**
   * {@return a copy with another {@link #samples()}}
   *
   * @param value samples of the whole source, to plan without its data; 0 if not known
   */
  public SourceRecipe withSamples(int value) {
    return RecordCopy.with(this, "samples", value);
  }

  /**
   * {@return a copy with another {@link #maxSamples()}}
   *
   * @param value most samples that are read, the first ones; 0 for all
   */
  public SourceRecipe withMaxSamples(int value) {
    return RecordCopy.with(this, "maxSamples", value);
  }

  /**
   * {@return a copy with another {@link #onError()}}
   *
   * @param value what happens to a record at fault: fail, or skip it and count
   */
  public SourceRecipe withOnError(SkipPolicy.OnError value) {
    return RecordCopy.with(this, "onError", value);
  }

  /**
   * {@return a copy with another {@link #maxErrors()}}
   *
   * @param value with onError skip: most records of a file that may be skipped; 0 or more
   */
  public SourceRecipe withMaxErrors(long value) {
    return RecordCopy.with(this, "maxErrors", value);
  }

  /**
   * {@return a copy with another {@link #roleOrder()}}
   *
   * @param value what happens to a conversation whose roles do not alternate: fail, or drop it and
   *     count
   */
  public SourceRecipe withRoleOrder(ReadOptions.RoleOrder value) {
    return RecordCopy.with(this, "roleOrder", value);
  }

  /**
   * {@return a copy with another {@link #unreadText()}}
   *
   * @param value what happens to a record with text in fields that its format does not have: count
   *     or fail
   */
  public SourceRecipe withUnreadText(ReadOptions.UnreadText value) {
    return RecordCopy.with(this, "unreadText", value);
  }

  /**
   * {@return a copy with another {@link #maxRecordBytes()}}
   *
   * @param value largest record in bytes after decompression; at least 1
   */
  public SourceRecipe withMaxRecordBytes(int value) {
    return RecordCopy.with(this, "maxRecordBytes", value);
  }

  /**
   * {@return a copy with another {@link #prepare()}}
   *
   * @param value what of the source is kept, and how long conversations are split
   */
  public SourceRecipe withPrepare(PrepareRecipe value) {
    return RecordCopy.with(this, "prepare", value);
  }
}
