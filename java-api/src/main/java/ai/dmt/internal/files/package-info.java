/**
 * Files that are whole or not there: hashes, places for output, space on the disk. Not API: it
 * changes with any version.
 */
@NullMarked
package ai.dmt.internal.files;

import org.jspecify.annotations.NullMarked;
