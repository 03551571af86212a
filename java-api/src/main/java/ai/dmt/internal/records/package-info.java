/** Copies of records by the names of their components. Not API: it changes with any version. */
@NullMarked
package ai.dmt.internal.records;

import org.jspecify.annotations.NullMarked;
