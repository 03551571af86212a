/** A program on the module path. */
module sample {
  requires ai.dmt.api;
  requires ai.dmt.strategies;
}
