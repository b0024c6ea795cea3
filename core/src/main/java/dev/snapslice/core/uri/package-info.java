/** Texts of URIs: what is encoded in them, and how. Uses the JDK only. */
package dev.snapslice.core.uri;
