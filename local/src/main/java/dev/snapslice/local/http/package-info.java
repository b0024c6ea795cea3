/**
 * API Gateway's HTTP APIs on one machine: requests become payload 2.0 events, authorisers are asked
 * first. Start at {@link dev.snapslice.local.http.HttpApi}.
 */
package dev.snapslice.local.http;
