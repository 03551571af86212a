/**
 * What a run, a model or a study was made of: hashes of data, base model, tokenizer and template,
 * the recipe, and what computed it. {@link ai.dmt.provenance.Verification} compares the record with
 * the files as they are, {@link ai.dmt.provenance.ModelCard} tells it to people. Comparing needs no
 * libtorch.
 */
@org.jspecify.annotations.NullMarked
package ai.dmt.provenance;
