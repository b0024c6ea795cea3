/**
 * The S3 protocol, read-only: a request is told apart ({@code RawRequest}, {@code Address}), its
 * signature is checked ({@code Signatures}), a view is opened ({@code Views}) and read ({@code
 * Lists}, {@code Objects}). Whatever is refused is an {@code S3Error}, rendered in one place.
 */
package dev.snapslice.proxy.s3;
