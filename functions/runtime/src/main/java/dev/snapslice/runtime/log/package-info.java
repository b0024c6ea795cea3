/**
 * slf4j's back end in functions: one JSON object a line, with the keys that powertools gives an
 * invocation. {@link dev.snapslice.runtime.log.JsonLogging} is found by slf4j, {@link
 * dev.snapslice.runtime.log.LogLevel} by powertools. Uses both and Jackson.
 */
package dev.snapslice.runtime.log;
