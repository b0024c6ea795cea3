/**
 * What a deployed function knows of the installation that it belongs to: {@link
 * dev.snapslice.core.install.Installation}. Uses the JDK only.
 */
package dev.snapslice.core.install;
