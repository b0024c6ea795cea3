/**
 * MLflow's search language: filters and orders of every kind of entity. Start at {@link
 * dev.snapslice.mlflow.search.Filter}.
 *
 * @see <a href="https://mlflow.org/docs/latest/ml/search/search-runs/">Search runs</a>
 */
package dev.snapslice.mlflow.search;
