/**
 * Facts about object versions, and what follows from them: {@link
 * dev.snapslice.core.version.VersionEvent} goes in, {@link dev.snapslice.core.version.Version}
 * comes out. Pure values; depends on the JDK only.
 */
package dev.snapslice.core.version;
