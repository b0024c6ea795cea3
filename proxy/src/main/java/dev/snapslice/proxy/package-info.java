/**
 * The read proxy: one process that serves buckets as they were. Begin with {@link
 * dev.snapslice.proxy.Proxy}. Depends on core and on nothing of the functions.
 */
package dev.snapslice.proxy;
