/**
 * Files of JSON lines, each record with the line it stands on, and JSON written byte for byte as
 * Python's {@code json.dumps} does.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.json;

import org.jspecify.annotations.NullMarked;
