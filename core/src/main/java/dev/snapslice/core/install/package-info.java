/**
 * What a process of ours knows of the installation that it belongs to: {@link
 * dev.snapslice.core.install.Installation}; what it makes when that is first needed, and what it
 * has read a short while ago. Uses the JDK only.
 */
package dev.snapslice.core.install;
