import net from 'node:net';
import t, { type Test } from 'tap';
import { probeRtsp } from './rtsp-probe.js';

/** A stream server that signs in by Basic alone and remembers what it was sent. */
const basicServer = async (test: Test) => {
  const said: string[] = [];
  const sdp = 'v=0\r\nm=video 0 RTP/AVP 96\r\n';
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const text = bytes.toString();
      said.push(text);
      const cseq = /CSeq: (\d+)/.exec(text)?.[1];
      const head = /OPTIONS|authorization: Basic/i.test(text) ? '200 OK' : '401 Unauthorized';
      socket.write(
        `RTSP/1.0 ${head}\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { said, uri: `rtsp://127.0.0.1:${(server.address() as net.AddressInfo).port}/live` };
};

const credentials = { username: 'admin', password: 'open sesame' };
const common = { credentials, timeoutMs: 60_000, signal: new AbortController().signal };

t.test('the password goes in plain text to a camera that a person named, and to no other', async (t) => {
  const { said, uri } = await basicServer(t);
  await t.rejects(probeRtsp({ uri, ...common, allowBasic: false }), {
    code: 'unauthenticated',
    message: /plain text/,
    hint: /onvif\.hosts/,
  });
  t.notOk(said.some((text) => /authorization/i.test(text)));
  t.match(await probeRtsp({ uri, ...common, allowBasic: true }), { media: ['video 0 RTP/AVP 96'] });
});
