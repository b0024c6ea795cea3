package dev.snapslice.core.bucket;

import software.amazon.awssdk.services.s3.model.S3Exception;

/** Work on a bucket cannot go on until somebody does what the message, a sentence, says. */
final class ObstacleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ObstacleException(String sentence) {
    super(sentence);
  }

  private ObstacleException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** What to do about S3's answer; the answer itself where nobody but S3 can do anything. */
  static RuntimeException of(S3Exception answer, Bucket bucket) {
    String sentence = sentence(answer, bucket.name());
    return sentence.isEmpty() ? answer : new ObstacleException(sentence, answer);
  }

  private static String sentence(S3Exception answer, String bucket) {
    if (isElsewhere(answer)) {
      return "The bucket '%s' is in another region: install Snapslice in the bucket's region."
          .formatted(bucket);
    }
    return switch (answer.statusCode()) {
      case 403 ->
          "S3 refuses access to the bucket '%s': allow Snapslice the actions that docs/security.md"
                  .formatted(bucket)
              + " names, and look for a denial in the bucket's policy. S3 said: "
              + answer.getMessage();
      case 404 -> "There is no bucket '%s': make it, or remove it here.".formatted(bucket);
      default -> "";
    };
  }

  private static boolean isElsewhere(S3Exception answer) {
    return answer.statusCode() == 301
        || (answer.awsErrorDetails() != null
            && "AuthorizationHeaderMalformed".equals(answer.awsErrorDetails().errorCode()));
  }
}
