/**
 * Words and numbers of messages, and the text files that they are about. Not API: it changes with
 * any version.
 */
@NullMarked
package ai.dmt.internal.text;

import org.jspecify.annotations.NullMarked;
