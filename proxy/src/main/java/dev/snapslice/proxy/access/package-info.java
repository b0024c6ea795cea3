/**
 * Who sends a request, where a protocol's own signature does not say it: {@link
 * dev.snapslice.proxy.access.KnownCredentials} and what they sealed.
 */
package dev.snapslice.proxy.access;
