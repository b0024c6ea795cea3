/**
 * What a process of ours knows of the installation that it belongs to: {@link
 * dev.snapslice.core.install.Installation}; and what it makes when that is first needed. Uses the
 * JDK only.
 */
package dev.snapslice.core.install;
