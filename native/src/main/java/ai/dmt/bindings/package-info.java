/**
 * The facade of the native engine as JavaCPP generates it from {@code dmt/engine.h}, and {@link
 * ai.dmt.bindings.NativeLoader}, which loads it. For {@code ai.dmt.engine} only.
 */
package ai.dmt.bindings;
