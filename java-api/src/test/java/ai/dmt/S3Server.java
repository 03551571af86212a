package ai.dmt;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server of S3 in a process of its own: s3proxy, whose buckets are folders. Its own jars are in a
 * folder that the build fills; others, such as Jackson's annotations, are the test's.
 */
public final class S3Server implements AutoCloseable {
  /** The one key that it knows. */
  public static final String KEY = "test-key";

  /** Of that key. */
  public static final String SECRET = "test-secret";

  private static final int SECONDS_TO_START = 60;

  private final Path folder;
  private final int port;
  private Process process;

  private S3Server(Path folder, int port) throws IOException, InterruptedException {
    this.folder = folder;
    this.port = port;
    restart();
  }

  /**
   * Starts it at a free port of this machine.
   *
   * @param folder for its files
   * @param buckets that it has from the beginning
   */
  public static S3Server start(Path folder, String... buckets)
      throws IOException, InterruptedException {
    for (String bucket : buckets) {
      Files.createDirectories(folder.resolve("buckets").resolve(bucket));
    }
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    return new S3Server(folder, port);
  }

  /** Starts the process, at the same port and with the same buckets. */
  public void restart() throws IOException, InterruptedException {
    Path settings =
        Files.write(
            folder.resolve("s3proxy.conf"),
            List.of(
                "s3proxy.authorization=aws-v2-or-v4",
                "s3proxy.endpoint=" + endpoint(),
                "s3proxy.identity=" + KEY,
                "s3proxy.credential=" + SECRET,
                "jclouds.provider=filesystem-nio2",
                "jclouds.filesystem.basedir=" + folder.resolve("buckets")));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:-UsePerfData", "-Xshare:auto", "-cp", classPath()));
    command.addAll(List.of("org.gaul.s3proxy.Main", "--properties", settings.toString()));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_START);
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > until) {
        throw new IOException("s3proxy does not start: " + Files.readString(folder.resolve("log")));
      }
      Thread.sleep(20);
    }
  }

  private static String classPath() throws IOException {
    List<String> entries = new ArrayList<>();
    try (Stream<Path> jars = Files.list(Path.of(System.getProperty("dmt.s3proxy.folder")))) {
      jars.forEach(jar -> entries.add(jar.toString()));
    }
    entries.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return String.join(File.pathSeparator, entries);
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it listens. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** For processes that use it. */
  public Map<String, String> environment() {
    return Map.of(
        "AWS_ACCESS_KEY_ID",
        KEY,
        "AWS_SECRET_ACCESS_KEY",
        SECRET,
        "AWS_ENDPOINT_URL",
        endpoint(),
        "AWS_EC2_METADATA_DISABLED",
        "true");
  }

  /** For this process: what the SDK reads beside its environment. */
  public void useHere() {
    System.setProperty("aws.accessKeyId", KEY);
    System.setProperty("aws.secretAccessKey", SECRET);
    System.setProperty("aws.endpointUrl", endpoint());
    System.setProperty("aws.disableEc2Metadata", "true");
  }

  /** Of {@link #useHere}. */
  public static void forgetHere() {
    for (String name :
        List.of(
            "aws.accessKeyId",
            "aws.secretAccessKey",
            "aws.endpointUrl",
            "aws.disableEc2Metadata",
            "aws.maxAttempts")) {
      System.clearProperty(name);
    }
  }

  /** Where a bucket's objects are files. */
  public Path bucket(String name) {
    return folder.resolve("buckets").resolve(name);
  }

  /** The process. */
  public Process process() {
    return process;
  }

  /** Ends it as a crash does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
