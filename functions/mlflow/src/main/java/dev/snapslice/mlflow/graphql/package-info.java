/**
 * GraphQL: another form of what the REST API answers, whose operations it calls. Start at {@link
 * dev.snapslice.mlflow.graphql.GraphqlRoutes}.
 */
package dev.snapslice.mlflow.graphql;
