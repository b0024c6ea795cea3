/**
 * MLflow's artifacts in S3, as the function and the proxies see them. Start at {@link
 * dev.snapslice.core.artifact.ArtifactStore}.
 */
package dev.snapslice.core.artifact;
