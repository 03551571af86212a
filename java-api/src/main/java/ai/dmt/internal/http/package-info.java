/** What all of dmt's HTTP servers share: where they listen, whom they let in, who is too slow. */
@NullMarked
package ai.dmt.internal.http;

import org.jspecify.annotations.NullMarked;
