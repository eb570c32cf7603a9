import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

const schema = 'http://www.onvif.org/ver10/schema';

export interface TestCamera {
  readonly host: string;
  readonly rtspPort: number;
  /** Operation names in the order in which they came. */
  readonly asked: string[];
  /** Bodies of what came, by operation. */
  readonly bodies: Map<string, string>;
  password: string;
  /** `token`: WS-UsernameToken; `digest`: HTTP digest alone. */
  login: 'none' | 'token' | 'digest';
  clockOffsetMs: number;
  /** Takes requests and never answers. */
  hangs: boolean;
  /** Resets what comes; what it is answering already goes on, as over a cable that is out for moments only. */
  isUnplugged: boolean;
  /** Answers in place of the camera: status and body. */
  fault: ((operation: string) => { status: number; body: string } | undefined) | undefined;
  /** Status line of DESCRIBE; nothing: it does not answer. */
  describe: string;
  /** DESCRIBE came so often. */
  described: number;
  /** Notifications for the next pull. */
  readonly notifications: string[];
  close(): Promise<void>;
}

export const notification = (topic: string, items: Record<string, string>, operation = 'Changed'): string =>
  `<wsnt:NotificationMessage><wsnt:Topic Dialect="x">${topic}</wsnt:Topic><wsnt:Message>` +
  `<tt:Message UtcTime="2026-01-02T03:04:05Z" PropertyOperation="${operation}"><tt:Data>` +
  Object.entries(items)
    .map(([name, value]) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`)
    .join('') +
  '</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>';

/** A camera of a few operations, with the ways in which cameras refuse. User name is admin. */
export const startTestCamera = async (): Promise<TestCamera> => {
  const sockets = new Set<net.Socket>();
  const track = (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const rtsp = net.createServer((socket) => {
    track(socket);
    socket.on('data', (bytes) => {
      for (const request of bytes.toString().split('\r\n\r\n').filter(Boolean)) {
        const cseq = /CSeq: (\d+)/.exec(request)?.[1];
        const sdp = 'v=0\r\nm=video 0 RTP/AVP 96\r\n';
        if (request.startsWith('OPTIONS')) socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nPublic: DESCRIBE\r\n\r\n`);
        else if (++camera.described && camera.describe === '') continue;
        else if (camera.describe.startsWith('200'))
          socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`);
        else
          socket.write(
            camera.describe.startsWith('!')
              ? camera.describe.slice(1)
              : `RTSP/1.0 ${camera.describe}\r\nCSeq: ${cseq}\r\n\r\n`,
          );
      }
    });
  });
  await new Promise<void>((resolve) => rtsp.listen(0, '127.0.0.1', resolve));
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks).toString(), response));
  });
  server.on('connection', track);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  const camera: TestCamera = {
    host,
    rtspPort: (rtsp.address() as net.AddressInfo).port,
    asked: [],
    bodies: new Map(),
    password: 'secret <&> 1',
    login: 'token',
    clockOffsetMs: 0,
    hangs: false,
    isUnplugged: false,
    fault: undefined,
    describe: '200 OK',
    described: 0,
    notifications: [],
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise((resolve) => server.close(resolve)),
        new Promise((resolve) => rtsp.close(resolve)),
      ]);
    },
  };

  const answer = (request: http.IncomingMessage, body: string, response: http.ServerResponse) => {
    const operation = /Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? '';
    if (camera.isUnplugged) {
      request.socket.resetAndDestroy();
      return undefined;
    }
    camera.asked.push(operation);
    camera.bodies.set(operation, body);
    const send = (status: number, text: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(text);
    if (camera.hangs) return undefined;
    if (request.url === '/snapshot.jpg') {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from(`ffd8${'00'.repeat(40)}`, 'hex'));
      return undefined;
    }
    const fault = camera.fault?.(operation);
    if (fault) return send(fault.status, fault.body);
    if (operation !== 'GetSystemDateAndTime') {
      if (camera.login === 'token' && !isTokenRight(body)) return send(400, soapFault('Sender not authorized'));
      if (camera.login === 'digest' && !isDigestRight(request)) {
        return send(401, '', { 'WWW-Authenticate': 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5' });
      }
    }
    if (operation === 'PullMessages') {
      const reply = () => send(200, envelope(operation, camera.notifications.splice(0).join('')));
      if (camera.notifications.length > 0) return reply();
      const timer = setInterval(() => {
        if (camera.notifications.length === 0) return;
        clearInterval(timer);
        reply();
      }, 10);
      response.on('close', () => clearInterval(timer));
      return undefined;
    }
    const content = contents[operation];
    return content === undefined
      ? send(500, soapFault('Optional Action Not Implemented'))
      : send(200, envelope(operation, content()));
  };

  const isTokenRight = (body: string): boolean => {
    const part = (name: string) => new RegExp(`<${name}(?: [^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';
    const skewed = Math.abs(Date.parse(part('Created')) - (Date.now() + camera.clockOffsetMs)) > 5_000;
    const digest = createHash('sha1')
      .update(Buffer.from(part('Nonce'), 'base64'))
      .update(part('Created'))
      .update(camera.password)
      .digest('base64');
    return part('Username') === 'admin' && digest === part('Password') && !skewed;
  };

  const isDigestRight = (request: http.IncomingMessage): boolean => {
    const header = request.headers.authorization ?? '';
    const part = (name: string) => new RegExp(`${name}="?([^",]*)`).exec(header)?.[1] ?? '';
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const ha1 = md5(`admin:cam:${camera.password}`);
    const ha2 = md5(`POST:${request.url}`);
    return part('response') === md5(`${ha1}:abc:${part('nc')}:${part('cnonce')}:auth:${ha2}`);
  };

  const base = `http://${host}`;
  const profile = (token: string, width: number) =>
    `<trt:Profiles token="${token}"><tt:Name>${token}</tt:Name><tt:VideoEncoderConfiguration token="e"><tt:Encoding>H264</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>720</tt:Height></tt:Resolution>` +
    '<tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration>' +
    '<tt:PTZConfiguration token="p"/></trt:Profiles>';
  const contents: Record<string, () => string> = {
    GetSystemDateAndTime: () => {
      const now = new Date(Date.now() + camera.clockOffsetMs);
      return (
        '<tds:SystemDateAndTime><tt:UTCDateTime>' +
        `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>` +
        `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>` +
        '</tt:UTCDateTime></tds:SystemDateAndTime>'
      );
    },
    GetDeviceInformation: () =>
      '<tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>C-1</tds:Model><tds:FirmwareVersion>1.10</tds:FirmwareVersion><tds:SerialNumber>12345678901234567890</tds:SerialNumber><tds:HardwareId>7</tds:HardwareId>',
    GetServices: () =>
      ['device', 'media', 'events']
        .map(
          (name) =>
            `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/${name}/wsdl</tds:Namespace><tds:XAddr>http://192.168.99.99/onvif/${name}</tds:XAddr></tds:Service>`,
        )
        .join('') +
      `<tds:Service><tds:Namespace>http://www.onvif.org/ver20/ptz/wsdl</tds:Namespace><tds:XAddr>${base}/onvif/ptz</tds:XAddr></tds:Service>`,
    GetProfiles: () => profile('main &amp; first', 1280) + profile('sub', 640),
    GetStreamUri: () => `<trt:MediaUri><tt:Uri>rtsp://0.0.0.0:${camera.rtspPort}/live</tt:Uri></trt:MediaUri>`,
    GetSnapshotUri: () => `<trt:MediaUri><tt:Uri>${base}/snapshot.jpg</tt:Uri></trt:MediaUri>`,
    GetStatus: () =>
      `<tptz:PTZStatus><tt:Position><tt:PanTilt x="0.25" y="-0.5"/><tt:Zoom x="0"/></tt:Position></tptz:PTZStatus>`,
    GetPresets: () => '<tptz:Preset token="1"><tt:Name>door</tt:Name></tptz:Preset>',
    ContinuousMove: () => '',
    Stop: () => '',
    GotoPreset: () => '',
    SetSystemDateAndTime: () => {
      camera.clockOffsetMs = 0;
      return '';
    },
    SystemReboot: () => '<tds:Message>Rebooting in 30 seconds</tds:Message>',
    CreatePullPointSubscription: () =>
      '<tev:SubscriptionReference><wsa:Address>http://192.168.99.99/onvif/sub?id=1</wsa:Address></tev:SubscriptionReference>',
    Unsubscribe: () => '',
    Renew: () => '',
  };
  return camera;
};

const envelope = (operation: string, content: string): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="${schema}" xmlns:tds="a" xmlns:trt="b" xmlns:tptz="c" xmlns:tev="d" xmlns:wsa="e" xmlns:wsnt="f"><s:Body><tds:${operation}Response>${content}</tds:${operation}Response></s:Body></s:Envelope>`;

export const soapFault = (text: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">${text}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`;
