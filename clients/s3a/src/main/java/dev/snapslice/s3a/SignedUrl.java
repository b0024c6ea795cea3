package dev.snapslice.s3a;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Where S3 answers one exact version.
 *
 * @param headers that were signed, and have to be sent along
 * @param lasting from when it was asked for; nothing where it names the present, which moves on
 */
record SignedUrl(URI location, Map<String, String> headers, Duration lasting) {}
