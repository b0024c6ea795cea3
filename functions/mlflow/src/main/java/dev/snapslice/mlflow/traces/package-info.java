/**
 * Traces: what an application did in answer to a request, as spans that come by OpenTelemetry's
 * protocol. Start at {@link dev.snapslice.mlflow.traces.TraceRoutes}; {@link
 * dev.snapslice.mlflow.traces.Traces} says how they lie in the tracking table.
 */
package dev.snapslice.mlflow.traces;
