package ai.dmt.internal.storage;

import ai.dmt.config.ConfigException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in an object storage: all objects whose names begin with a prefix and a slash.
 *
 * @param bucket that holds it
 * @param prefix without slashes at its ends; not empty
 */
public record StoragePlace(String bucket, String prefix) {
  /** A {@link java.nio.file.Path} keeps one of the two slashes, and none where nothing follows. */
  private static final Pattern WRITTEN =
      Pattern.compile("s3:(?:/{1,2}([^/]*)/*(.*))?", Pattern.CASE_INSENSITIVE);

  private static final Pattern OTHER =
      Pattern.compile("(s3a|s3n|gs|az|abfss?|wasbs?|hdfs|https?|ftp|file):(/.*)?");

  /** A class of each artifact. */
  private static final Map<String, String> CLIENT =
      new TreeMap<>(
          Map.of(
              "software.amazon.awssdk:s3", "software.amazon.awssdk.services.s3.S3Client",
              "software.amazon.awssdk:url-connection-client",
                  "software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient"));

  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");

  /**
   * {@return the place that a text names; empty if it names a folder}
   *
   * @param text such as "s3://bucket/runs/mine", also as a path writes it, or a folder
   * @throws ConfigException if it is a place of another kind, or without a bucket or a prefix
   */
  public static Optional<StoragePlace> find(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (written.matches()) {
      return Optional.of(
          of(
              Objects.requireNonNullElse(written.group(1), ""),
              Objects.requireNonNullElse(written.group(2), "")));
    }
    if (OTHER.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
      throw new ConfigException(
          "%s is no place that dmt knows; expected a folder, or s3://BUCKET/PREFIX"
              .formatted(text));
    }
    return Optional.empty();
  }

  /**
   * {@return the text that a path was made of, which keeps one slash alone of s3://}
   *
   * @param path of a folder, or a place as a path
   */
  public static String text(Path path) {
    return find(path.toString()).map(StoragePlace::toString).orElse(path.toString());
  }

  private static StoragePlace of(String bucket, String written) {
    String prefix = written.replaceAll("/+$", "");
    List<String> names = Arrays.asList(prefix.split("/", -1));
    boolean plain =
        BUCKET.matcher(bucket).matches()
            && names.stream().noneMatch(List.of("", ".", "..")::contains)
            && prefix.chars().noneMatch(Character::isISOControl);
    if (!plain) {
      throw new ConfigException(
          "%s names no place of a run; expected s3://BUCKET/PREFIX, such as s3://models/runs/mine; a bucket has 2 to 254 letters, digits, \".\", \"_\" or \"-\""
              .formatted("s3://" + bucket + (written.isEmpty() ? "" : "/" + written)));
    }
    return new StoragePlace(bucket, prefix);
  }

  /**
   * Demands that the client is there, which applications bring that write to such places.
   *
   * @throws ConfigException naming the artifacts that are missing
   */
  public void demandClient() {
    List<String> missing =
        CLIENT.entrySet().stream()
            .filter(each -> !isThere(each.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (!missing.isEmpty()) {
      throw new ConfigException(
          "%s needs %s on the class path".formatted(this, String.join(" and ", missing)));
    }
  }

  private static boolean isThere(String type) {
    try {
      Class.forName(type, false, StoragePlace.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** The name of an object in the bucket. @param name in this place */
  String key(String name) {
    return prefix + "/" + name;
  }

  @Override
  public String toString() {
    return "s3://%s/%s".formatted(bucket, prefix);
  }
}
