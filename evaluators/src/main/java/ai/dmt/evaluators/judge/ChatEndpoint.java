package ai.dmt.evaluators.judge;

import ai.dmt.config.ConfigException;

/** Sends a request once. */
interface ChatEndpoint {
  /**
   * The reply's text.
   *
   * @param body JSON
   * @throws TransientFault if another try may succeed
   * @throws ConfigException if none will
   */
  String send(String body) throws TransientFault, InterruptedException;
}
