/**
 * Sources as samples, from a cache where they were made before. {@link
 * ai.dmt.prepare.SourcePreparer} is what applications call.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.prepare;

import org.jspecify.annotations.NullMarked;
