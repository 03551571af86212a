package ai.dmt.internal.storage;

import ai.dmt.internal.files.Disk;
import ai.dmt.internal.storage.ObjectStorage.Patience;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The SDK's client as it is used here, and what it says when something fails. */
final class StorageClient {
  private static final String STANDARD_REGION = "us-east-1"; // of servers that have none
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private StorageClient() {}

  /**
   * Makes one; nothing is connected to yet.
   *
   * @throws SdkClientException if its settings are at fault
   */
  static S3Client of(Patience patience) {
    Optional<URI> endpoint;
    try (S3Client probe = builder(patience).region(Region.of(STANDARD_REGION)).build()) {
      endpoint = probe.serviceClientConfiguration().endpointOverride();
    }
    if (endpoint.isEmpty()) {
      return builder(patience).crossRegionAccessEnabled(true).build();
    }
    String region = SdkSystemSetting.AWS_REGION.getStringValue().orElse(STANDARD_REGION);
    return builder(patience)
        .region(Region.of(region.isBlank() ? STANDARD_REGION : region))
        .forcePathStyle(true) // its buckets have no host names
        .build();
  }

  /** Sums beyond the protocol's own are made where it demands them: not all servers know them. */
  private static S3ClientBuilder builder(Patience patience) {
    StandardRetryStrategy retries =
        AwsRetryStrategy.standardRetryStrategy().toBuilder()
            .maxAttempts(attempts(patience))
            .circuitBreakerEnabled(false)
            .backoffStrategy(BackoffStrategy.exponentialDelay(FIRST_WAIT, LONGEST_WAIT))
            .throttlingBackoffStrategy(BackoffStrategy.exponentialDelay(FIRST_WAIT, LONGEST_WAIT))
            .build();
    return S3Client.builder()
        .httpClientBuilder(
            UrlConnectionHttpClient.builder().connectionTimeout(TIMEOUT).socketTimeout(TIMEOUT))
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .overrideConfiguration(config -> config.retryStrategy(retries));
  }

  private static int attempts(Patience patience) {
    int set = SdkSystemSetting.AWS_MAX_ATTEMPTS.getIntegerValue().orElse(patience.attempts());
    return patience == Patience.SHORT ? Math.min(set, patience.attempts()) : set;
  }

  /** In words, without what nobody can act on. */
  static String reason(Exception e) {
    if (e instanceof S3Exception refused) {
      AwsErrorDetails details = refused.awsErrorDetails();
      String code = details == null || details.errorCode() == null ? "" : details.errorCode();
      String said = details == null || details.errorMessage() == null ? "" : details.errorMessage();
      if (code.equals("NoSuchBucket")) {
        return "there is no such bucket";
      }
      return "the server says %s %s"
          .formatted(refused.statusCode(), (code + (said.isEmpty() ? "" : ", " + said)).strip());
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return "no such host: " + cause.getMessage();
      }
      if (cause instanceof ConnectException) {
        return "no server answers at its endpoint (%s)".formatted(cause.getMessage());
      }
    }
    String said = String.valueOf(e.getMessage());
    if (said.startsWith("Unable to load credentials")) {
      return "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
          + " another of the AWS SDK's standard ways";
    }
    if (said.startsWith("Unable to load region")) {
      return "there is no region; set AWS_REGION";
    }
    return e instanceof IOException io ? Disk.reason(io) : said;
  }
}
