package dev.snapslice.mlflow.webhooks;

import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;

/**
 * Encrypts the secrets of webhooks under a key that never leaves KMS, each for one webhook: copied
 * into another's item, none can be read. Thread-safe.
 */
public record WebhookSecrets(Supplier<KmsClient> kms, String keyId) {
  /** What KMS encrypts at once, in bytes. */
  static final int LONGEST = 4_096;

  private static Map<String, String> of(String webhookId) {
    return Map.of("webhook", webhookId);
  }

  SdkBytes seal(String webhookId, String secret) {
    return kms.get()
        .encrypt(r ->
            r.keyId(keyId)
                .encryptionContext(of(webhookId))
                .plaintext(SdkBytes.fromUtf8String(secret)))
        .ciphertextBlob();
  }

  String open(String webhookId, SdkBytes sealed) {
    return kms.get()
        .decrypt(r -> r.keyId(keyId).encryptionContext(of(webhookId)).ciphertextBlob(sealed))
        .plaintext()
        .asUtf8String();
  }
}
