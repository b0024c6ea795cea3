/**
 * Who may ask for what: {@link dev.snapslice.mlflow.permissions.RouteRules} holds what each route
 * wants, {@link dev.snapslice.mlflow.permissions.PermissionRoutes} the operations by which it is
 * given. What a permission is, is core's.
 */
package dev.snapslice.mlflow.permissions;
