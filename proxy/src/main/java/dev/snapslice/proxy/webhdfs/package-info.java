/**
 * The WebHDFS protocol, read-only: {@code WebHdfsService} tells who asks ({@code Authentication})
 * and which operation it is, {@code Namespace} finds what a path names in a view, and {@code
 * Directories}, {@code Files} and {@code Snapshots} answer in HDFS's JSON. Whatever is refused is a
 * {@code RemoteException}, rendered in one place.
 *
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html">WebHDFS
 *     REST API</a>
 */
package dev.snapslice.proxy.webhdfs;
