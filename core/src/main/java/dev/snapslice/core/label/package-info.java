/**
 * Names for snapshots and slices: {@link dev.snapslice.core.label.Label} is one, {@link
 * dev.snapslice.core.label.Labels} keeps them. Uses the catalog table.
 */
package dev.snapslice.core.label;
