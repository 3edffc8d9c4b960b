// Node's servers, one a protocol, on ports of their own; SIGHUP rids them of their connections.
'use strict';
const fs = require('fs');
const http = require('http');
const http2 = require('http2');
const https = require('https');
const { Readable } = require('stream');
const { pipeline } = require('stream');

const [dir, ...ports] = process.argv.slice(2);
const piece = fs.readFileSync(`${dir}/piece`);
const tls = { key: fs.readFileSync(`${dir}/key.pem`), cert: fs.readFileSync(`${dir}/chain.pem`) };

function* pieces(size) {
  for (let left = size; left > 0; left -= piece.length) {
    yield left < piece.length ? piece.subarray(0, left) : piece;
  }
}

function send(response, size) {
  pipeline(Readable.from(pieces(size), { objectMode: false, highWaterMark: 4 * piece.length }), response, () => {});
}

/** Content.Check. */
function check(request, done) {
  let position = 0;
  let wrongAt = -1;
  request.on('data', (some) => {
    for (let at = 0; at < some.length; ) {
      const from = position % piece.length;
      const n = Math.min(some.length - at, piece.length - from);
      if (wrongAt < 0 && some.compare(piece, from, from + n, at, at + n) !== 0) {
        wrongAt = position;
      }
      at += n;
      position += n;
    }
  });
  request.on('end', () => done(`${position} bytes` + (wrongAt < 0 ? '' : `, wrong at ${wrongAt}`)));
}

function cut(response) {
  response.writeHead(200, { 'Content-Length': 1_000_000 });
  response.write(Buffer.concat([...pieces(100_000)]), () => {
    if (response.stream) {
      response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    } else {
      response.socket.destroy();
    }
  });
}

function serve(request, response) {
  switch (request.url) {
    case '/204':
      response.writeHead(204);
      response.end();
      break;
    case '/check':
      check(request, (found) => response.end(found));
      break;
    case '/refuse':
      response.writeHead(413, { 'Content-Length': 0 });
      response.end();
      break;
    case '/trailers':
      response.writeHead(200, { Trailer: 'X-Trailer' });
      response.addTrailers({ 'X-Trailer': 'last' });
      send(response, 1_000);
      break;
    case '/hints':
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      send(response, 1_000);
      break;
    case '/cut':
      cut(response);
      break;
    default: {
      const size = Number(request.url.substring('/bytes/'.length));
      const known = request.headers['if-none-match'] === '"it"';
      response.writeHead(known ? 304 : 200, { 'Content-Length': size, ETag: '"it"' });
      if (known || request.method === 'HEAD') {
        response.end();
      } else {
        send(response, size);
      }
    }
  }
}

const servers = [
  http.createServer(serve),
  https.createServer(tls, serve),
  http2.createSecureServer(tls, serve),
  http2.createServer(serve),
];
const sessions = new Set();
servers.slice(2).forEach((server) =>
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  }));
process.on('SIGHUP', () => {
  servers.slice(0, 2).forEach((server) => server.closeIdleConnections());
  sessions.forEach((session) => session.close());
});
servers.forEach((server, i) => server.listen(Number(ports[i]), '127.0.0.1'));
