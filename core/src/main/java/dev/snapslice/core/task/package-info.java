/**
 * Work that outlives one request: {@link dev.snapslice.core.task.MaintenanceTask} names it, {@link
 * dev.snapslice.core.task.TaskQueue} hands it to the maintenance function.
 */
package dev.snapslice.core.task;
