package dev.snapslice.ingest;

/**
 * A message is no event of S3, or holds a value that S3 does not send. Its sentence tells which; it
 * names no object's key.
 */
final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedMessageException(String sentence) {
    super(sentence);
  }

  MalformedMessageException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
