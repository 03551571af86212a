package ai.dmt.serve;

import ai.dmt.data.ChatTemplate;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.internal.http.HttpDoor;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import java.time.Duration;
import java.util.Optional;

/**
 * How a {@link ChatServer} serves.
 *
 * @param host name or address that it listens at
 * @param port 0 for any that is free
 * @param key that clients must send as bearer token; needed where others than this machine can
 *     connect
 * @param modelName what the model is called in requests; the name of its folder if empty. Adapters
 *     have the names that {@link ai.dmt.model.Model#adapters} gives them
 * @param template that conversations are written with; the model's own if empty, and each adapter's
 * @param batchSize requests that are decoded at once
 * @param maxTokens tokens that a request may have, prompt and answer together; 0 for as many as the
 *     model has positions
 * @param queueLimit requests that may wait for their turn
 * @param maxBodyBytes longest body of a request
 * @param timeLimit for a request from its arrival to its end
 * @param sampling for requests that do not say; the seed of one that names none is this one and the
 *     number of the request together
 */
public record ServerSettings(
    String host,
    int port,
    Optional<String> key,
    Optional<String> modelName,
    Optional<ChatTemplate> template,
    int batchSize,
    int maxTokens,
    int queueLimit,
    int maxBodyBytes,
    Duration timeLimit,
    SamplingConfig sampling) {

  /**
   * Checks ranges.
   *
   * @param host see {@link #host()}
   * @param port see {@link #port()}
   * @param key see {@link #key()}
   * @param modelName see {@link #modelName()}
   * @param template see {@link #template()}
   * @param batchSize see {@link #batchSize()}
   * @param maxTokens see {@link #maxTokens()}
   * @param queueLimit see {@link #queueLimit()}
   * @param maxBodyBytes see {@link #maxBodyBytes()}
   * @param timeLimit see {@link #timeLimit()}
   * @param sampling see {@link #sampling()}
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ServerSettings {
    Faults faults = new Faults("server");
    HttpDoor.check(faults, host, port, key);
    faults
        .positive("batchSize", batchSize)
        .notNegative("maxTokens", maxTokens)
        .notNegative("queueLimit", queueLimit)
        .positive("maxBodyBytes", maxBodyBytes)
        .require(
            !timeLimit.isNegative() && !timeLimit.isZero(),
            "timeLimit must be positive, got " + timeLimit)
        .throwIfAny();
  }

  /**
   * {@return settings for clients on this machine: the loopback interface, no key, 16 requests at
   * once and 256 that wait, bodies of 4 MiB, ten minutes, temperature 1}
   *
   * @param port see {@link #port()}
   */
  public static ServerSettings local(int port) {
    return new ServerSettings(
        "127.0.0.1",
        port,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        16,
        0,
        256,
        4 << 20,
        Duration.ofMinutes(10),
        new SamplingConfig(1, 1, 0));
  }

  /**
   * {@return a copy that listens elsewhere}
   *
   * @param name see {@link #host()}
   */
  public ServerSettings withHost(String name) {
    return RecordCopy.with(this, "host", name);
  }

  /**
   * {@return a copy with another {@link #key()}}
   *
   * @param secret see {@link #key()}
   */
  public ServerSettings withKey(Optional<String> secret) {
    return RecordCopy.with(this, "key", secret);
  }

  /**
   * {@return a copy with another {@link #modelName()}}
   *
   * @param name see {@link #modelName()}
   */
  public ServerSettings withModelName(Optional<String> name) {
    return RecordCopy.with(this, "modelName", name);
  }

  /**
   * {@return a copy with another {@link #template()}}
   *
   * @param writer see {@link #template()}
   */
  public ServerSettings withTemplate(ChatTemplate writer) {
    return RecordCopy.with(this, "template", Optional.of(writer));
  }

  /**
   * {@return a copy with another {@link #batchSize()}}
   *
   * @param requests see {@link #batchSize()}
   */
  public ServerSettings withBatchSize(int requests) {
    return RecordCopy.with(this, "batchSize", requests);
  }

  /**
   * {@return a copy with another {@link #maxTokens()}}
   *
   * @param tokens see {@link #maxTokens()}
   */
  public ServerSettings withMaxTokens(int tokens) {
    return RecordCopy.with(this, "maxTokens", tokens);
  }

  /**
   * {@return a copy with another {@link #queueLimit()}}
   *
   * @param requests see {@link #queueLimit()}
   */
  public ServerSettings withQueueLimit(int requests) {
    return RecordCopy.with(this, "queueLimit", requests);
  }

  /**
   * {@return a copy with another {@link #maxBodyBytes()}}
   *
   * @param bytes see {@link #maxBodyBytes()}
   */
  public ServerSettings withMaxBodyBytes(int bytes) {
    return RecordCopy.with(this, "maxBodyBytes", bytes);
  }

  /**
   * {@return a copy with another {@link #timeLimit()}}
   *
   * @param time see {@link #timeLimit()}
   */
  public ServerSettings withTimeLimit(Duration time) {
    return RecordCopy.with(this, "timeLimit", time);
  }

  /**
   * {@return a copy with another {@link #sampling()}}
   *
   * @param choice see {@link #sampling()}
   */
  public ServerSettings withSampling(SamplingConfig choice) {
    return RecordCopy.with(this, "sampling", choice);
  }

  /** {@return host, port and model alone: the key must not get into a log} */
  @Override
  public String toString() {
    return "ServerSettings[host=%s, port=%s, modelName=%s]".formatted(host, port, modelName);
  }
}
