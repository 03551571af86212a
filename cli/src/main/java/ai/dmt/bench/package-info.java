/**
 * Speed and memory of training and generation, with the shapes and the JSON line of
 * peer/peer_speed.py, so that the two can be run in turn. Knows nothing of the command line.
 */
package ai.dmt.bench;
