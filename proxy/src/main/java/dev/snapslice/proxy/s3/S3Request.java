package dev.snapslice.proxy.s3;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.view.Address;
import dev.snapslice.proxy.http.RawRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request of somebody who is known, taken apart.
 *
 * @param query the first value of each parameter
 */
record S3Request(RawRequest raw, Caller caller, Address address, Map<String, String> query) {

  static S3Request of(RawRequest raw, Caller caller, Address address) {
    Map<String, String> query = new HashMap<>();
    raw.parameters().forEach(p -> query.putIfAbsent(p.name(), p.value()));
    return new S3Request(raw, caller, address, query);
  }

  Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name));
  }

  /** A parameter that says nothing when it is empty. */
  Optional<String> nonEmpty(String name) {
    return query(name).filter(value -> !value.isEmpty());
  }

  boolean has(String name) {
    return query.containsKey(name);
  }

  Optional<String> header(String name) {
    return raw.header(name);
  }

  boolean isHead() {
    return raw.method().equals("HEAD");
  }
}
