/**
 * Files of JSON lines, each record with the line it stands on, and JSON written byte for byte as
 * Python's {@code json.dumps} does.
 */
package ai.dmt.evaluators.json;
