// In front of the UI's files: who has no session is sent to sign in. The page itself is no secret; its requests prove
// who asks.
function handler(event) {
  var request = event.request;
  var page = request.uri === '/' || request.uri === '/index.html';
  if (!page || request.cookies['__Host-snapslice-session']) {
    return request;
  }
  return {
    statusCode: 302,
    statusDescription: 'Found',
    headers: { location: { value: '/auth/login' }, 'cache-control': { value: 'no-store' } },
  };
}
