package dev.snapslice.core.job;

import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The DynamoDB table that jobs are kept in, beside buckets and labels. */
public record CatalogTable(DynamoDbClient dynamo, String name) {}
