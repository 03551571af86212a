/**
 * Files that are whole or not there: hashes, places for output, space on the disk. Not API: it
 * changes with any version.
 */
package ai.dmt.internal.files;
