package dev.snapslice.signin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.util.Set;

/**
 * Checks the ID tokens of one issuer that are for one client. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation">OpenID
 *     Connect, 3.1.3.7</a>
 */
final class IdTokens {
  /** Public keys only: none of these is {@code none}, or takes a public key for a secret. */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256);

  private static final Set<String> NEEDED = Set.of("sub", "iat", "exp");

  private final String issuer;
  private final String client;
  private final JWKSource<SecurityContext> keys;

  IdTokens(String issuer, String client, JWKSource<SecurityContext> keys) {
    this.issuer = issuer;
    this.client = client;
    this.keys = keys;
  }

  /**
   * What a token says, if the issuer signed it for this client in answer to this nonce, and it has
   * not expired.
   *
   * @throws RefusedException if not
   */
  JWTClaimsSet verified(String token, String nonce) {
    var processor = new DefaultJWTProcessor<>();
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            client,
            new JWTClaimsSet.Builder().issuer(issuer).claim("nonce", nonce).build(),
            NEEDED));
    try {
      JWTClaimsSet said = processor.process(token, null);
      checkParty(said);
      return said;
    } catch (KeySourceException e) {
      throw RefusedException.unavailable(e);
    } catch (ParseException | BadJOSEException | JOSEException e) {
      throw RefusedException.invalid("The provider's word cannot be believed.", e);
    }
  }

  /** A token for several is ours if we asked for it, and Cognito has others than ID tokens. */
  private void checkParty(JWTClaimsSet said) throws ParseException {
    String party = said.getStringClaim("azp");
    String use = said.getStringClaim("token_use");
    if ((party == null ? said.getAudience().size() > 1 : !party.equals(client))
        || (use != null && !use.equals("id"))) {
      throw RefusedException.invalid("The provider's word is for somebody else.");
    }
  }
}
