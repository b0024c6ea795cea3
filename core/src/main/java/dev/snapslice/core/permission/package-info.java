/**
 * Who may do what with MLflow's experiments, registered models and prompts. Start at {@link
 * dev.snapslice.core.permission.Access}, which decides; {@link
 * dev.snapslice.core.permission.Permissions} reads what it decides by: items of the tracking table,
 * which MLflow's function writes.
 */
package dev.snapslice.core.permission;
