import { HubError } from '@hallhub/shared';
import { type ByteLink, tcpLinkOpener } from '../links/index.js';
import type { Credentials } from './config.js';
import { digestAuthorization } from './soap-client.js';

export interface RtspProbeOptions {
  readonly uri: string;
  readonly credentials: Credentials | undefined;
  /** Basic sign-in sends the password as it is: to a camera that a person named only, not to whoever answered a probe. */
  readonly allowBasic: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What DESCRIBE said of a stream: `m=` lines such as `video 0 RTP/AVP 96`. */
export interface RtspDescription {
  readonly media: readonly string[];
}

interface RtspReply {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const maxReplyBytes = 65_536;

/**
 * OPTIONS and DESCRIBE over TCP, without starting the stream (RFC 2326). Errors: those of the link, `unauthenticated`,
 * `unavailable` (5xx), `device_refused` (4xx), `protocol_violation`.
 */
export const probeRtsp = async ({
  uri,
  credentials,
  allowBasic,
  timeoutMs,
  signal,
}: RtspProbeOptions): Promise<RtspDescription> => {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== 'rtsp:') throw new HubError('unsupported', 'the stream is not an RTSP stream');
  url.username = '';
  url.password = '';
  const deadline = AbortSignal.timeout(timeoutMs);
  const give = AbortSignal.any([signal, deadline]);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const opener = tcpLinkOpener({ host, port: url.port === '' ? 554 : Number(url.port), connectTimeoutMs: timeoutMs });
    const link = await opener.open(give);
    try {
      return await describe(new RtspConversation(link, give), url.href, credentials && { ...credentials, allowBasic });
    } finally {
      await link.close();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (deadline.aborted)
      throw new HubError('timeout', `the stream server ${url.host} did not answer within ${timeoutMs} ms`, {
        context: { host: url.host },
      });
    throw error;
  }
};

const describe = async (
  talk: RtspConversation,
  uri: string,
  credentials: (Credentials & { allowBasic: boolean }) | undefined,
): Promise<RtspDescription> => {
  await talk.ask('OPTIONS', uri);
  let reply = await talk.ask('DESCRIBE', uri, { accept: 'application/sdp' });
  if (reply.status === 401 && credentials) {
    reply = await talk.ask('DESCRIBE', uri, {
      accept: 'application/sdp',
      authorization: authorization(reply, uri, credentials),
    });
  }
  const { host } = new URL(uri);
  const context = { host, status: reply.status };
  const said = `DESCRIBE answered ${reply.status} ${reply.reason}`;
  if (reply.status === 401 || reply.status === 403)
    throw new HubError('unauthenticated', said, { context, hint: 'check user name and password of the camera' });
  if (reply.status >= 500)
    throw new HubError('unavailable', said, {
      context,
      hint: 'the camera cannot make the stream: its encoder or a part of it is missing or busy',
    });
  if (reply.status !== 200) throw new HubError('device_refused', said, { context });
  const media = reply.body.split(/\r?\n/).flatMap((line) => (line.startsWith('m=') ? [line.slice(2)] : []));
  if (media.length === 0) throw new HubError('protocol_violation', 'the stream has no media', { context });
  return { media };
};

const authorization = (
  reply: RtspReply,
  uri: string,
  { username, password, allowBasic }: Credentials & { allowBasic: boolean },
): string => {
  const offers = reply.headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value);
  const digests = offers.filter((offer) => /^digest /i.test(offer));
  if (digests.length > 0)
    return digestAuthorization({ username, password }, digests, { method: 'DESCRIBE', path: uri });
  if (!allowBasic) {
    throw new HubError('unauthenticated', 'the stream wants the password in plain text', {
      hint: 'if this camera may have it, name it under onvif.hosts in edge.yaml',
    });
  }
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
};

class RtspConversation {
  #cseq = 0;
  #received = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #lost: HubError | undefined;

  constructor(
    private readonly link: ByteLink,
    private readonly signal: AbortSignal,
  ) {
    const wake = () => this.#wake?.();
    link.listen({
      data: (bytes) => {
        this.#received = Buffer.concat([this.#received, bytes]);
        wake();
      },
      closed: (reason) => {
        this.#lost = reason ?? new HubError('link_lost', `${link.name} was closed`);
        wake();
      },
    });
    signal.addEventListener('abort', wake, { once: true });
  }

  async ask(method: string, uri: string, headers: Record<string, string> = {}): Promise<RtspReply> {
    const lines = Object.entries({ CSeq: String(++this.#cseq), 'User-Agent': 'HallHub', ...headers });
    this.link.write(
      Buffer.from(`${method} ${uri} RTSP/1.0\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`),
    );
    for (;;) {
      const reply = this.#take();
      if (reply) return reply;
      this.signal.throwIfAborted();
      if (this.#lost) throw this.#lost;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(): RtspReply | undefined {
    const bytes = this.#received;
    if (bytes.length >= 5 && bytes.toString('latin1', 0, 5) !== 'RTSP/') throw this.#notRtsp();
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      if (bytes.length > maxReplyBytes) throw this.#notRtsp();
      return undefined;
    }
    const [first = '', ...rest] = bytes.toString('utf8', 0, end).split('\r\n');
    const status = /^RTSP\/\d\.\d (\d{3}) ?(.*)$/.exec(first);
    if (!status) throw this.#notRtsp();
    const headers = rest.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0);
    if (!Number.isInteger(length) || length < 0 || length > maxReplyBytes) throw this.#notRtsp();
    if (bytes.length < end + 4 + length) return undefined;
    const body = bytes.toString('utf8', end + 4, end + 4 + length);
    this.#received = bytes.subarray(end + 4 + length);
    return { status: Number(status[1]), reason: status[2] ?? '', headers, body };
  }

  #notRtsp(): HubError {
    return new HubError('protocol_violation', `${this.link.name} does not speak RTSP`, {
      context: { link: this.link.name },
    });
  }
}
