/**
 * Watches runs and studies while they go: {@link ai.dmt.watch.WatchServer} shows a folder as a page
 * that is told what is new, {@link ai.dmt.watch.Alerts} finds in a run's metrics what somebody
 * should look at. Reads folders and nothing else; loads no libtorch.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.watch;

import org.jspecify.annotations.NullMarked;
