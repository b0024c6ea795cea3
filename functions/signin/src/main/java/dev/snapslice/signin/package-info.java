/**
 * People sign in with a browser: an OpenID provider, as a Cognito user pool, says who they are, by
 * an authorization code with PKCE; they get the cookie of a session. Start at {@link
 * dev.snapslice.signin.SignIn}; why it is so stands in {@code
 * docs/decisions/0013-browser-sign-in.md}.
 */
package dev.snapslice.signin;
