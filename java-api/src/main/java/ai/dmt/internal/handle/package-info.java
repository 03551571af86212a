/**
 * What stands between Java's threads and native memory: every object with a native part has a
 * {@link ai.dmt.internal.handle.HandleGuard}, so that misuse ends in an exception and never in the
 * process.
 */
@NullMarked
package ai.dmt.internal.handle;

import org.jspecify.annotations.NullMarked;
