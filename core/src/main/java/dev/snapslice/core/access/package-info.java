/**
 * Who may do what: a {@link dev.snapslice.core.access.Grant} says it, a {@link
 * dev.snapslice.core.access.Caller} holds one, and {@link dev.snapslice.core.access.Credentials}
 * gives out and checks what callers prove themselves with. Uses the catalog table and KMS.
 */
package dev.snapslice.core.access;
