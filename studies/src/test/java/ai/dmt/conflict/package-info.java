/** Conflicts that were planted, and none where there are none. */
package ai.dmt.conflict;
