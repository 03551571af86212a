/**
 * Object storage that speaks S3: places in it, files that become objects and come back, and folders
 * that are seen whole or not at all. The client's classes are named in {@link
 * ai.dmt.internal.storage.ObjectStorage} and its StorageClient alone, which nothing loads unless a
 * place is used.
 */
@NullMarked
package ai.dmt.internal.storage;

import org.jspecify.annotations.NullMarked;
