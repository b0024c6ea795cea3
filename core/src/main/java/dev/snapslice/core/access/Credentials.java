package dev.snapslice.core.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credential.Parent;
import dev.snapslice.core.json.Json;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/**
 * Issues, checks and revokes API tokens, access keys and sessions of browsers. A row in the catalog
 * table each, without the secret ({@link Secrets}); the row goes by itself when the grant ends.
 * Reads are consistent, so a revocation counts at once here; callers may remember answers for a
 * minute. What somebody made for themselves with a token or in a session ends with that; what an
 * administrator issued does not end with theirs. Thread-safe.
 */
public final class Credentials {
  private static final Pattern TOKEN =
      Pattern.compile("sn([ts])_([A-Z0-9]{20})_([A-Za-z0-9_-]{43})");
  private static final String ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final String ID_START = "SNAP";
  private static final int ID_LENGTH = 20;

  /** How long those last that somebody makes for themselves: there, nobody else looks at it. */
  private static final Duration LONGEST_OWN = Duration.ofDays(7);

  private final DynamoDbClient dynamo;
  private final String table;
  private final Secrets secrets;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  public Credentials(DynamoDbClient dynamo, String table, Secrets secrets, InstantSource clock) {
    this.dynamo = dynamo;
    this.table = table;
    this.secrets = secrets;
    this.clock = clock;
  }

  /** A new credential, and its secret: the only time that anybody sees it. */
  public record Issued(Credential credential, String secret) {

    /** What the holder of an API token sends. */
    public String token() {
      return "snt_" + credential.id() + "_" + secret;
    }

    /** What the browser of who signed in keeps. */
    public String cookie() {
      return "sns_" + credential.id() + "_" + secret;
    }

    /** Compares in constant time. */
    public boolean hasSecret(String shown) {
      return MessageDigest.isEqual(shown.getBytes(UTF_8), secret.getBytes(UTF_8));
    }

    @Override
    public String toString() {
      return "Issued[" + credential.id() + "]";
    }
  }

  /**
   * Issues a credential. Who is no administrator makes one for themselves, for a few days.
   *
   * @throws ForbiddenException if the issuer may not do all of that, or not issue it
   */
  public Issued issue(Kind kind, String principal, Grant grant, Caller issuer) {
    if (!issuer.grant().covers(grant)) {
      throw new ForbiddenException("nobody gives out more than they have");
    }
    boolean administers = issuer.grant().role() == Role.ADMIN;
    if (!administers) {
      checkOwn(principal, grant, issuer);
    }
    return issued(
        kind,
        new Credential(
            newId(),
            principal,
            grant,
            issuer.principal(),
            clock.instant(),
            false,
            administers ? Optional.empty() : issuer.token().map(id -> new Parent(Kind.TOKEN, id))));
  }

  private void checkOwn(String principal, Grant grant, Caller issuer) {
    if (!principal.equals(issuer.principal())) {
      throw new ForbiddenException("to issue one for somebody else takes the role admin");
    }
    Instant latest = clock.instant().plus(LONGEST_OWN);
    if (grant.expires().filter(end -> !end.isAfter(latest)).isEmpty()) {
      throw new ForbiddenException(
          "what you make for yourself expires within %d days".formatted(LONGEST_OWN.toDays()));
    }
    issuer
        .token()
        .flatMap(id -> get(Kind.TOKEN, id))
        .flatMap(Credential::parent)
        .ifPresent(parent -> {
          throw new ForbiddenException("a token that was made for oneself makes no others");
        });
  }

  /** Begins the session of somebody who has just signed in, until the grant expires. */
  public Issued begin(String principal, Grant grant) {
    if (grant.expires().isEmpty()) {
      throw new IllegalArgumentException("a session ends");
    }
    return issued(
        Kind.SESSION,
        new Credential(
            newId(), principal, grant, principal, clock.instant(), false, Optional.empty()));
  }

  /**
   * Makes a credential for who signed in: all that their session allows, until it ends.
   *
   * @param session that they proved to be theirs
   */
  public Issued issueWithin(Credential session, Kind kind) {
    return issued(
        kind,
        new Credential(
            newId(),
            session.principal(),
            session.grant(),
            session.principal(),
            clock.instant(),
            false,
            Optional.of(new Parent(Kind.SESSION, session.id()))));
  }

  private Issued issued(Kind kind, Credential credential) {
    String secret = secrets.of(kind, credential.id());
    Map<String, AttributeValue> item = new HashMap<>(key(kind, credential.id()));
    item.put("doc", fromS(Json.write(credential)));
    credential
        .grant()
        .expires()
        .ifPresent(end -> item.put("expires", fromN(Long.toString(end.getEpochSecond() + 1))));
    dynamo.putItem(
        r -> r.tableName(table).item(item).conditionExpression("attribute_not_exists(pk)"));
    return new Issued(credential, secret);
  }

  private String newId() {
    StringBuilder id = new StringBuilder(ID_START);
    while (id.length() < ID_LENGTH) {
      id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
    }
    return id.toString();
  }

  private static Map<String, AttributeValue> key(Kind kind, String id) {
    return Map.of("pk", fromS(kind.partition()), "sk", fromS(id));
  }

  /** An API token or a session as it is shown, its parts not yet believed. */
  public record Token(Kind kind, String id, String secret) {

    /** Takes an API token apart; empty if a text is none. */
    public static Optional<Token> of(String text) {
      return inCookie(text).filter(shown -> shown.kind == Kind.TOKEN);
    }

    /** The same of what a browser keeps: a session or, on one machine, an API token. */
    public static Optional<Token> inCookie(String text) {
      Matcher parts = TOKEN.matcher(text);
      return parts.matches()
          ? Optional.of(
              new Token(
                  parts.group(1).equals("t") ? Kind.TOKEN : Kind.SESSION,
                  parts.group(2),
                  parts.group(3)))
          : Optional.empty();
    }
  }

  /** Whose token or session this is; empty if it is none, is revoked, or has expired. */
  public Optional<Credential> authenticate(Token shown) {
    return valid(shown.kind(), shown.id())
        .filter(issued -> issued.hasSecret(shown.secret()))
        .map(Issued::credential);
  }

  /** A credential and its secret; empty if it is none, or no longer valid. */
  public Optional<Issued> valid(Kind kind, String id) {
    return alive(kind, id)
        .filter(credential ->
            credential
                .parent()
                .map(parent -> alive(parent.kind(), parent.id()).isPresent())
                .orElse(true))
        .map(credential -> new Issued(credential, secrets.of(kind, id)));
  }

  /** A credential that was not taken back itself, and has not expired. */
  private Optional<Credential> alive(Kind kind, String id) {
    return get(kind, id).filter(credential -> credential.valid(clock.instant()));
  }

  public Optional<Credential> get(Kind kind, String id) {
    var item =
        dynamo.getItem(r -> r.tableName(table).key(key(kind, id)).consistentRead(true)).item();
    return item.isEmpty() ? Optional.empty() : Optional.of(read(item));
  }

  /**
   * Some of a list.
   *
   * @param last the id with which the list goes on behind these; empty if it does not
   */
  public record Page(List<Credential> credentials, Optional<String> last) {}

  /**
   * Those that were issued and have not expired long since, by id.
   *
   * @param after the id behind which they begin; empty for all
   */
  public Page list(Kind kind, String after, int limit) {
    QueryResponse answer =
        dynamo.query(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .expressionAttributeValues(Map.of(":pk", fromS(kind.partition())))
                .exclusiveStartKey(after.isEmpty() ? null : key(kind, after))
                .limit(limit));
    return new Page(
        answer.items().stream().map(Credentials::read).toList(),
        Optional.ofNullable(answer.lastEvaluatedKey().get("sk")).map(AttributeValue::s));
  }

  private static Credential read(Map<String, AttributeValue> item) {
    return Json.read(item.get("doc").s(), Credential.class).revoked(item.containsKey("revoked"));
  }

  /** Takes a credential back, for good. False if there is none. */
  public boolean revoke(Kind kind, String id) {
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(kind, id))
              .updateExpression("SET revoked = :true")
              .conditionExpression("attribute_exists(pk)")
              .expressionAttributeValues(Map.of(":true", fromBool(true))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }
}
