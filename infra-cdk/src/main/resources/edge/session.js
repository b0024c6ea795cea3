// In front of MLflow's API and artifacts: a browser's cookie becomes the header that they read. What a client shows of
// its own goes first. Whether the browser's request may change something is looked at behind this, for each request.
function handler(event) {
  var request = event.request;
  var session = request.cookies['__Host-snapslice-session'];
  if (session) {
    delete request.cookies['__Host-snapslice-session'];
    if (!request.headers.authorization) {
      request.headers.authorization = { value: 'Session ' + session.value };
    }
  }
  return request;
}
