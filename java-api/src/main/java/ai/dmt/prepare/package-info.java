/**
 * Sources as samples, from a cache where they were made before. {@link
 * ai.dmt.prepare.SourcePreparer} is what applications call.
 */
package ai.dmt.prepare;
