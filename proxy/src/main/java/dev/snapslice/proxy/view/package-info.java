/**
 * What a request is about, whatever the protocol: an {@link dev.snapslice.core.view.Address} is
 * told apart, {@link dev.snapslice.proxy.view.Views} opens the view of it for its caller, and
 * remembers what views of the past showed.
 */
package dev.snapslice.proxy.view;
