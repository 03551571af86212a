/** The JavaCPP mapping of the native engine's facade. */
package ai.dmt.bindings.presets;
