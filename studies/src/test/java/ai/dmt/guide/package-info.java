/** Documents whose programs are run. */
package ai.dmt.guide;
