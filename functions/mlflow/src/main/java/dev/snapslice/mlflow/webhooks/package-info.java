/**
 * Webhooks: who is told of the registry's changes, and how. Start at {@link
 * dev.snapslice.mlflow.webhooks.Announcements}; docs/decisions/0012 says why it is so.
 */
package dev.snapslice.mlflow.webhooks;
