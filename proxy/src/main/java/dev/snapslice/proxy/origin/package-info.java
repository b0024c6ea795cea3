/** Reads of exact versions from where their bytes are. Begin with {@code Origin}. */
package dev.snapslice.proxy.origin;
