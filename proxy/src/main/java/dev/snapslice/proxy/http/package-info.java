/** HTTP as all protocols of the proxy see it: what was asked, undecoded, and what is answered. */
package dev.snapslice.proxy.http;
