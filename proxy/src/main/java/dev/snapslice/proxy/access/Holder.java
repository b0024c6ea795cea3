package dev.snapslice.proxy.access;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credentials.Issued;

/** Somebody who proved that a credential is theirs. */
public record Holder(Kind kind, Issued issued) {
  public Caller caller() {
    return issued.credential().caller();
  }
}
