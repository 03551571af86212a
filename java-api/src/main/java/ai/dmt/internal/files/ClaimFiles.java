package ai.dmt.internal.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of {@link Claim}s, beside what they are of, and what is in them. */
final class ClaimFiles {
  private static final String ENDING = ".claim-";

  private ClaimFiles() {}

  /** {@return who made a claim; empty if it is gone or not whole} */
  static Optional<ClaimOwner> owner(Path claim) throws IOException {
    return read(claim).flatMap(ClaimFiles::ownerIn);
  }

  /** {@return a claim's own id; "" as above} */
  static String id(Path claim) throws IOException {
    return owner(claim).map(ClaimOwner::id).orElse("");
  }

  /** {@return who is named in a claim's text; empty if it is not whole} */
  static Optional<ClaimOwner> ownerIn(String text) {
    return ClaimOwner.parse(text.lines().findFirst().orElse(""));
  }

  /** {@return a claim's text; empty if it is gone} */
  static Optional<String> read(Path claim) throws IOException {
    try {
      return Optional.of(new String(Files.readAllBytes(claim), StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** {@return one name for each work} */
  static Path place(Path work) {
    return work.toAbsolutePath().normalize();
  }

  /** {@return the file of a number} */
  static Path file(Path work, int number) {
    return work.resolveSibling(work.getFileName() + ENDING + number);
  }

  /** {@return all claims of a work, by their numbers} */
  static SortedMap<Integer, Path> claims(Path work) throws IOException {
    String name = work.getFileName() + ENDING;
    SortedMap<Integer, Path> claims = new TreeMap<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            place(work).getParent(), file -> file.getFileName().toString().startsWith(name))) {
      for (Path file : files) {
        String number = file.getFileName().toString().substring(name.length());
        if (number.matches("[1-9]\\d{0,8}")) {
          claims.put(Integer.parseInt(number), file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return claims; // nobody has begun
    }
    return claims;
  }
}
