import { createHash, randomBytes } from 'node:crypto';
import { type Clock, HubError, uuidv7 } from '@hallhub/shared';
import onvifCam from 'onvif/lib/cam.js';
import onvifUtils from 'onvif/lib/utils.js';
import type { Credentials } from './config.js';
import { type HttpPost, type HttpReply, httpPost } from './http-post.js';
import { escapeXml, XmlNode } from './xml-node.js';

export interface SoapRequest {
  readonly url: URL;
  /** Namespace and name of the operation, such as `http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation`. */
  readonly action: string;
  /** Children of s:Body. */
  readonly body: string;
  /** WS-Addressing: the endpoint, and the reference parameters it wants to see again. */
  readonly addressing?: { readonly to: string; readonly parameters: string };
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** GetSystemDateAndTime must work for everybody: it is asked without signing in first. */
  readonly anonymous?: boolean;
}

export interface SoapClientOptions {
  readonly credentials: Credentials | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly post?: HttpPost;
}

const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';

/**
 * SOAP 1.2 with WS-UsernameToken, and HTTP digest where the camera asks for it. Errors: those of the link, `unauthenticated`,
 * `device_refused` (a fault), `unsupported`, `protocol_violation` (not SOAP). No password is ever in an error.
 */
export class SoapClient {
  /** Camera time minus ours: a token dated by another clock is refused. */
  skewMs = 0;
  readonly #options: SoapClientOptions;
  readonly #post: HttpPost;
  #challenges: string[] = [];

  constructor(options: SoapClientOptions) {
    this.#options = options;
    this.#post = options.post ?? httpPost;
  }

  /** The reply's body. */
  async request(request: SoapRequest): Promise<XmlNode> {
    return (await this.requestRaw(request)).body;
  }

  /** The reply's body and its text. */
  async requestRaw(request: SoapRequest): Promise<{ body: XmlNode; xml: string }> {
    let reply = await this.#send(request);
    if (reply.status === 401 && this.#learnChallenge(reply)) reply = await this.#send({ ...request, anonymous: false });
    return { body: parseReply(reply, request.url), xml: reply.body };
  }

  #send(request: SoapRequest): Promise<HttpReply> {
    const { url, action, signal, timeoutMs = this.#options.timeoutMs } = request;
    const headers: Record<string, string> = {
      'content-type': `application/soap+xml; charset=utf-8; action="${action}"`,
    };
    const authorization = request.anonymous ? undefined : this.#authorization(url);
    if (authorization) headers.authorization = authorization;
    return this.#post(url, { headers, body: this.#envelope(request), timeoutMs, signal });
  }

  #envelope({ body, action, addressing, anonymous }: SoapRequest): string {
    const address = addressing
      ? `<a:Action>${action}</a:Action><a:MessageID>urn:uuid:${uuidv7()}</a:MessageID><a:To>${escapeXml(addressing.to)}</a:To>${addressing.parameters}`
      : '';
    return (
      '<?xml version="1.0" encoding="UTF-8"?>' +
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">' +
      `<s:Header>${address}${anonymous ? '' : this.#token()}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
    );
  }

  /** UsernameToken Profile 1.0: digest = Base64(SHA-1(nonce + created + password)). */
  #token(): string {
    const { credentials, clock } = this.#options;
    if (!credentials || this.#challenges.length > 0) return '';
    const nonce = randomBytes(16);
    const created = new Date(clock.now() + this.skewMs).toISOString();
    const digest = createHash('sha1').update(nonce).update(created).update(credentials.password).digest('base64');
    return (
      `<Security s:mustUnderstand="1" xmlns="${wsse}wssecurity-secext-1.0.xsd"><UsernameToken>` +
      `<Username>${escapeXml(credentials.username)}</Username>` +
      `<Password Type="${wsse}username-token-profile-1.0#PasswordDigest">${digest}</Password>` +
      `<Nonce EncodingType="${wsse}soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</Nonce>` +
      `<Created xmlns="${wsse}wssecurity-utility-1.0.xsd">${created}</Created></UsernameToken></Security>`
    );
  }

  #authorization(url: URL): string | undefined {
    const { credentials } = this.#options;
    if (!credentials || this.#challenges.length === 0) return undefined;
    return digestAuthorization(credentials, this.#challenges, { method: 'POST', path: `${url.pathname}${url.search}` });
  }

  /** True when asking again with the digest can help. A fresh nonce after an old one is such a case. */
  #learnChallenge(reply: HttpReply): boolean {
    if (!this.#options.credentials) return false;
    const before = this.#challenges.join();
    this.#challenges = onvifUtils.getDigestHeaders([...reply.rawHeaders]);
    return this.#challenges.length > 0 && this.#challenges.join() !== before;
  }
}

/** The Authorization header for a digest challenge (RFC 7616), for SOAP and RTSP alike. */
export const digestAuthorization = (
  credentials: Credentials,
  challenges: readonly string[],
  request: { method: string; path: string },
): string => {
  try {
    return new onvifCam.Cam({ hostname: 'camera', ...credentials, autoconnect: false }).digestAuth(challenges, request);
  } catch (cause) {
    throw new HubError('protocol_violation', "the camera's digest challenge cannot be read", { cause });
  }
};

const parseReply = (reply: HttpReply, url: URL): XmlNode => {
  let fault: Error | null = null;
  let parsed: unknown;
  // The parser calls back at once; nothing may throw in there, so the result is looked at outside.
  onvifUtils.parseSOAPString(
    reply.body,
    (error, body) => {
      fault = error;
      parsed = body;
    },
    reply.status,
  );
  const context = { host: url.host, status: reply.status };
  const text = (fault as Error | null)?.message ?? '';
  if (reply.status === 401 || /not ?authori[sz]ed|unauthori[sz]ed/i.test(text)) {
    throw new HubError('unauthenticated', `${url.host} refuses to be signed in to`, {
      context,
      hint: 'check user name and password of the camera in edge.yaml, and its clock',
    });
  }
  if (text.startsWith('ONVIF SOAP Fault')) {
    const reason = text.replace('ONVIF SOAP Fault: ', '').trim().slice(0, 300);
    const unsupported = /not (?:supported|implemented)|ActionNotSupported/i.test(text);
    throw new HubError(unsupported ? 'unsupported' : 'device_refused', `${url.host} refused: ${reason}`, { context });
  }
  if (fault || parsed === null || parsed === undefined || reply.status >= 400) {
    const what =
      reply.status >= 400 ? `HTTP status ${reply.status}` : `no SOAP: ${reply.body.slice(0, 80).replace(/\s+/g, ' ')}`;
    const code = reply.status >= 500 ? 'unavailable' : 'protocol_violation';
    throw new HubError(code, `${url.host} answered with ${what}`, { context });
  }
  return new XmlNode(Array.isArray(parsed) ? parsed[0] : parsed);
};
