/**
 * What {@code cdk deploy} installs: one stack for each life cycle, from the data that must survive
 * to the alarms that may go at any time. Start at {@link dev.snapslice.infra.SnapsliceApp}. Uses
 * only the CDK, and of the other modules only their packaged jars and {@code
 * api-spec/openapi.yaml}.
 */
package dev.snapslice.infra;
