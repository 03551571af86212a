/**
 * Work of several threads in the order in which it was given. Not API: it changes with any version.
 */
@NullMarked
package ai.dmt.internal.work;

import org.jspecify.annotations.NullMarked;
