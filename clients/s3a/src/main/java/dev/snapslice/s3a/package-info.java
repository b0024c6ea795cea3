/**
 * Hadoop's S3A with the read proxy as its endpoint, and the bytes of objects from S3 itself. Start
 * at {@link dev.snapslice.s3a.SnapsliceS3ClientFactory}. Uses nothing but what S3A itself uses.
 */
package dev.snapslice.s3a;
