package ai.dmt.data;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Compressed bytes of a zstd file without the frames that decompressors skip: pzstd puts one in
 * front of each frame, the seekable format one at the end. What is no frame ends the file.
 */
final class ZstdFrames extends FilterInputStream {
  private static final int MAGIC = 0xFD2FB528;
  private static final int SKIPPED = 0x184D2A50; // to 0x184D2A5F
  private static final int REPEATED = 1;

  private byte[] piece = new byte[0]; // of the frame, read and not yet given
  private int position;
  private int blockBytes;
  private boolean inFrame;
  private boolean isLastBlock;
  private boolean hasChecksum;

  ZstdFrames(InputStream compressed) {
    super(compressed);
  }

  /** Whether a file that begins so is zstd. @param magic its first four bytes, or fewer */
  static boolean begins(byte[] magic) {
    return magic.length == 4 && (number(magic) == MAGIC || isSkipped(number(magic)));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int from, int count) throws IOException {
    while (position == piece.length && blockBytes == 0) {
      if (!nextPiece()) {
        return -1;
      }
    }
    if (position < piece.length) {
      int given = Math.min(count, piece.length - position);
      System.arraycopy(piece, position, into, from, given);
      position += given;
      return given;
    }
    int given = in.read(into, from, Math.min(count, blockBytes));
    blockBytes -= Math.max(0, given);
    return given; // what is cut off is for the decompressor to find
  }

  /** Takes the header of a frame or of a block, or the checksum; false at the end of the file. */
  private boolean nextPiece() throws IOException {
    position = 0;
    if (!inFrame) {
      return nextFrame();
    }
    if (isLastBlock) {
      inFrame = false;
      piece = in.readNBytes(hasChecksum ? 4 : 0);
      return true;
    }
    piece = in.readNBytes(3);
    if (piece.length < 3) {
      inFrame = false;
      return piece.length > 0;
    }
    int header = (piece[0] & 0xFF) | (piece[1] & 0xFF) << 8 | (piece[2] & 0xFF) << 16;
    isLastBlock = (header & 1) == 1;
    int type = header >> 1 & 3;
    blockBytes = type == REPEATED ? 1 : header >> 3;
    return true;
  }

  private boolean nextFrame() throws IOException {
    byte[] magic = in.readNBytes(4);
    while (magic.length == 4 && isSkipped(number(magic))) {
      byte[] size = in.readNBytes(4);
      if (size.length < 4) {
        throw new EOFException("the file ends in a frame to skip");
      }
      in.skipNBytes(number(size) & 0xFFFFFFFFL);
      magic = in.readNBytes(4);
    }
    piece = magic;
    if (magic.length == 0 || magic.length == 4 && number(magic) != MAGIC) {
      blockBytes = magic.length == 0 ? 0 : Integer.MAX_VALUE; // the decompressor refuses it
      return magic.length > 0;
    }
    header(magic);
    return true;
  }

  /** Bytes of the header that follow the magic number, as RFC 8878 lays them out. */
  private void header(byte[] magic) throws IOException {
    int descriptor = in.read();
    if (descriptor < 0) {
      return;
    }
    boolean singleSegment = (descriptor >> 5 & 1) == 1;
    int[] dictionaryBytes = {0, 1, 2, 4};
    int[] sizeBytes = {singleSegment ? 1 : 0, 2, 4, 8};
    int more =
        (singleSegment ? 0 : 1) + dictionaryBytes[descriptor & 3] + sizeBytes[descriptor >> 6];
    byte[] rest = in.readNBytes(more);
    piece = new byte[magic.length + 1 + rest.length];
    System.arraycopy(magic, 0, piece, 0, magic.length);
    piece[magic.length] = (byte) descriptor;
    System.arraycopy(rest, 0, piece, magic.length + 1, rest.length);
    inFrame = true;
    isLastBlock = false;
    hasChecksum = (descriptor >> 2 & 1) == 1;
  }

  @Override
  public int available() throws IOException {
    return Math.max(piece.length - position, Math.min(blockBytes, in.available()));
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private static boolean isSkipped(int magic) {
    return (magic & 0xFFFFFFF0) == SKIPPED;
  }

  private static int number(byte[] little) {
    return (little[0] & 0xFF)
        | (little[1] & 0xFF) << 8
        | (little[2] & 0xFF) << 16
        | little[3] << 24;
  }
}
