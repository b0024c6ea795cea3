/**
 * The REST API as a Lambda function behind API Gateway, and the authorizer of its bearer tokens.
 * {@link dev.snapslice.api.ApiHandler} is where requests come in, {@link dev.snapslice.api.Api}
 * knows the routes, each {@code …Routes} class answers those of one thing: parse, ask the domain,
 * render. {@code api-spec/openapi.yaml} is the contract. May use core and runtime.
 */
package dev.snapslice.api;
