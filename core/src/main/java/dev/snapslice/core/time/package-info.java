/**
 * How people write moments and windows: {@link dev.snapslice.core.time.TimeSpec} for one moment and
 * {@link dev.snapslice.core.time.ViewSpec} for what a reader asks to see. Depends on the JDK only.
 */
package dev.snapslice.core.time;
