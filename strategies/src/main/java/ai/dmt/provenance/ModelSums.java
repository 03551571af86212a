package ai.dmt.provenance;

import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.ModelFiles;
import ai.dmt.internal.files.TensorSums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the folder of a model held that something began with.
 *
 * <p>Weights of more than 1 GiB are not read whole, since every start would do so: of each 4 MiB of
 * a tensor the first 64 KiB count, as {@link ai.dmt.checkpoint.ModelDigest} has it.
 *
 * @param folder absolute
 * @param stride see {@link TensorSums#of}
 * @param files config, tokenizer, template and weights
 * @param tensors checksums by name of tensor, by name of file
 */
public record ModelSums(
    String folder, long stride, List<FileSum> files, Map<String, Map<String, String>> tensors) {
  private static final long WHOLE_BYTES = 1L << 30;
  private static final long STRIDE_BYTES = 4L << 20;

  static ModelSums of(Path folder) throws IOException {
    List<Path> files = files(folder);
    long bytes = 0;
    for (Path file : files) {
      bytes += TensorSums.holdsWeights(file) ? Files.size(file) : 0;
    }
    long stride = bytes > WHOLE_BYTES ? STRIDE_BYTES : TensorSums.WHOLE;
    List<FileSum> sums = new ArrayList<>();
    for (Path file : files) {
      boolean sampled = stride != TensorSums.WHOLE && TensorSums.holdsWeights(file);
      sums.add(sampled ? FileSum.ofLength(file) : FileSum.of(file));
    }
    return new ModelSums(
        folder.toAbsolutePath().normalize().toString(),
        stride,
        List.copyOf(sums),
        TensorSums.of(folder, stride).files());
  }

  /** The files that decide what a model is, sorted. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> counts(file.getFileName().toString()))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static boolean counts(String name) {
    return ModelFiles.isModelFile(name)
        && !name.equals(Checksums.NAME)
        && !name.equals(TensorSums.NAME);
  }
}
