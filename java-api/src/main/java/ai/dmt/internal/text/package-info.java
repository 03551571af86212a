/**
 * Words and numbers of messages, and the text files that they are about. Not API: it changes with
 * any version.
 */
package ai.dmt.internal.text;
