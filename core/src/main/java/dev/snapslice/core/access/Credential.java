package dev.snapslice.core.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.Instant;
import java.util.Optional;

/**
 * What somebody may prove themselves with, without its secret, which is nowhere kept.
 *
 * @param id 20 capitals and digits, as AWS's access key ids
 * @param principal for whom it was issued
 * @param issuer by whom
 * @param revoked whether it was taken back
 * @param parent by what its holder made this for themselves: it is worth nothing without that one
 */
public record Credential(
    String id,
    String principal,
    Grant grant,
    String issuer,
    Instant created,
    boolean revoked,
    Optional<Parent> parent) {

  /** What a credential opens. */
  public enum Kind {
    /** The REST API: {@code snt_ID_SECRET}. */
    TOKEN("tokens"),
    /** The S3 proxy: access key id and secret. */
    ACCESS_KEY("access-keys"),
    /** MLflow, in the browser of who signed in: the cookie {@code sns_ID_SECRET}. */
    SESSION("sessions");

    private final String partition;

    Kind(String partition) {
      this.partition = partition;
    }

    String partition() {
      return "credentials#" + partition;
    }
  }

  /** The API token or the session by which another credential was made. */
  public record Parent(Kind kind, String id) {
    /** As credentials noted it that could be made with tokens alone. */
    @JsonCreator
    static Parent token(String id) {
      return new Parent(Kind.TOKEN, id);
    }
  }

  public Credential {
    if (!principal.matches("[ -~]{1,128}")) {
      throw new IllegalArgumentException(
          "a principal has 1 to 128 printable ASCII characters, not '" + principal + "'");
    }
  }

  public Caller caller() {
    return new Caller(principal, grant);
  }

  boolean valid(Instant now) {
    return !revoked && !grant.expired(now);
  }

  Credential revoked(boolean now) {
    return new Credential(id, principal, grant, issuer, created, now, parent);
  }
}
