/**
 * MLflow's runs as readers of buckets know them: {@link dev.snapslice.core.run.RunMoments}, the
 * moment of each. MLflow's function writes them. Uses DynamoDB only.
 */
package dev.snapslice.core.run;
