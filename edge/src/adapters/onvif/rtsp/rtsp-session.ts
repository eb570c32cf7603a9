import { HubError } from '@hallhub/shared';
import { abortScope } from '../../abort-scope.js';
import { tcpLinkOpener } from '../../links/index.js';
import type { Credentials } from '../config.js';
import { DigestSigner } from '../soap/digest.js';
import { RtspConversation, type RtspReply } from './rtsp-conversation.js';

export interface RtspOptions {
  readonly uri: string;
  readonly credentials: Credentials | undefined;
  /** Basic sign-in sends the password as it is: to a camera that a person named only, not to whoever answered a probe. */
  readonly allowBasic: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks one stream server; signs in where it wants that. */
export interface RtspSession {
  readonly url: URL;
  readonly talk: RtspConversation;
  readonly signal: AbortSignal;
  /** Throws `unauthenticated`, `unavailable` (5xx), `device_refused` (4xx). */
  ask(method: string, uri: string, headers?: Record<string, string>): Promise<RtspReply>;
}

/** Opens a connection, lets `work` use it, closes it. Errors: those of the link and of `ask`, `timeout`, `protocol_violation`. */
export const withRtspSession = async <T>(
  options: RtspOptions,
  work: (session: RtspSession) => Promise<T>,
): Promise<T> => {
  const { uri, timeoutMs, signal } = options;
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== 'rtsp:') throw new HubError('unsupported', 'the stream is not an RTSP stream');
  url.username = '';
  url.password = '';
  using scope = abortScope(signal, timeoutMs);
  const { signal: give } = scope;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const opener = tcpLinkOpener({ host, port: url.port === '' ? 554 : Number(url.port), connectTimeoutMs: timeoutMs });
    const link = await opener.open(give);
    try {
      const talk = new RtspConversation(link, give);
      return await work({ url, talk, signal: give, ask: asker(talk, url, options) });
    } finally {
      await link.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (scope.isLate)
      throw new HubError('timeout', `the stream server ${url.host} did not answer within ${timeoutMs} ms`, {
        context: { host: url.host },
      });
    throw error;
  }
};

const asker = (talk: RtspConversation, url: URL, { credentials, allowBasic }: RtspOptions): RtspSession['ask'] => {
  const signer = credentials && new DigestSigner(credentials);
  let basic: string | undefined;
  const sign = (method: string, uri: string): Record<string, string> => {
    const authorization = signer?.header(method, uri) ?? basic;
    return authorization ? { authorization } : {};
  };
  return async (method, uri, headers = {}) => {
    let reply = await talk.ask(method, uri, { ...headers, ...sign(method, uri) });
    if (reply.status === 401 && credentials && signer) {
      const offers = reply.headers.filter(([name]) => name === 'www-authenticate');
      if (signer.learn(offers.flat())) reply = await talk.ask(method, uri, { ...headers, ...sign(method, uri) });
      else if (!signer.isChallenged && basic === undefined && offers.some(([, value]) => /^basic/i.test(value))) {
        if (!allowBasic) {
          throw new HubError('unauthenticated', 'the stream wants the password in plain text', {
            hint: 'if this camera may have it, name it under onvif.hosts in edge.yaml',
            context: { heldBack: true },
          });
        }
        basic = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
        reply = await talk.ask(method, uri, { ...headers, ...sign(method, uri) });
      }
    }
    refuse(method, reply, url);
    return reply;
  };
};

const refuse = (method: string, reply: RtspReply, url: URL): void => {
  if (reply.status < 400) return;
  const context = { host: url.host, status: reply.status };
  const said = `${method} answered ${reply.status} ${reply.reason}`;
  if (reply.status === 401 || reply.status === 403)
    throw new HubError('unauthenticated', said, { context, hint: 'check user name and password of the camera' });
  if (reply.status >= 500)
    throw new HubError('unavailable', said, {
      context,
      hint: 'the camera cannot make the stream: its encoder or a part of it is missing or busy',
    });
  throw new HubError('device_refused', said, { context });
};
