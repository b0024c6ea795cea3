/**
 * The functions that look after buckets: {@link dev.snapslice.maintenance.TaskHandler} does one
 * task of the queue, {@link dev.snapslice.maintenance.ScheduleHandler} looks once a minute what is
 * due. They parse and report; what is done is in {@code core}.
 */
package dev.snapslice.maintenance;
