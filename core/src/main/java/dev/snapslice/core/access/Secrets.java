package dev.snapslice.core.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.MacAlgorithmSpec;

/**
 * Derives the secret of a credential from its id: an HMAC under a key that never leaves KMS, so
 * that no secret has to be kept. Remembers some, as KMS is slow and charges for each. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html">
 *     GenerateMac</a>
 */
public final class Secrets {
  private static final int REMEMBERED = 1000;

  private final Supplier<KmsClient> kms;
  private final String keyId;
  private final Map<String, String> remembered =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
              return size() > REMEMBERED;
            }
          });

  public Secrets(Supplier<KmsClient> kms, String keyId) {
    this.kms = kms;
    this.keyId = keyId;
  }

  /** 43 characters of base64url, different for each kind. */
  String of(Credential.Kind kind, String id) {
    String message = kind.partition() + "#" + id;
    String known = remembered.get(message);
    if (known != null) {
      return known;
    }
    byte[] mac =
        kms.get()
            .generateMac(r ->
                r.keyId(keyId)
                    .macAlgorithm(MacAlgorithmSpec.HMAC_SHA_256)
                    .message(SdkBytes.fromUtf8String(message)))
            .mac()
            .asByteArray();
    String secret = new String(Base64.getUrlEncoder().withoutPadding().encode(mac), UTF_8);
    remembered.put(message, secret);
    return secret;
  }
}
