/**
 * Mixing strategies: how the sources of a run are ordered into stages. Pure Java; a strategy plans
 * and never trains.
 */
package ai.dmt.strategies;
