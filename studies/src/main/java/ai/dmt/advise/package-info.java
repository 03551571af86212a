/** Advice on how to mix data, from small runs: {@link ai.dmt.advise.Advisor}. */
@NullMarked
package ai.dmt.advise;

import org.jspecify.annotations.NullMarked;
