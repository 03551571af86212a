/**
 * Laws of how an ability grows with the amount of data, fitted by least squares. Knows nothing of
 * studies and of the command line.
 */
package ai.dmt.scaling;
