/**
 * The trainer behind an interface: {@link ai.dmt.engine.TrainingEngine} trains, evaluates and
 * generates, {@link ai.dmt.engine.NativeEngine} does it with libtorch. Nothing per tensor crosses
 * to native code; one call handles one micro-batch. An engine and its sessions are used by one
 * thread at a time.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.engine;

import org.jspecify.annotations.NullMarked;
