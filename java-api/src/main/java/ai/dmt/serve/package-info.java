/**
 * A model behind HTTP: {@link ai.dmt.serve.ChatServer} answers requests in the form of OpenAI's,
 * many at once.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.serve;

import org.jspecify.annotations.NullMarked;
