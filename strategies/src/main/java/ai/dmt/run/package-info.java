/**
 * A fine-tuning run from files to a model folder: settings by name, checks before weights are
 * loaded, held-out samples, banner, progress and metrics. Knows nothing of the command line.
 */
package ai.dmt.run;
