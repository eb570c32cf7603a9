import { type Clock, isHubError, uuidv7 } from '@hallhub/shared';
import type { Credentials } from '../config.js';
import type { SignInGuard } from '../sign-in-guard.js';
import { DigestSigner } from './digest.js';
import { type HttpExchange, type HttpReply, httpExchange } from './http-exchange.js';
import { readSoapReply } from './soap-reply.js';
import type { TlsTrust } from './tls-trust.js';
import { usernameToken } from './username-token.js';
import { escapeXml, type XmlNode } from './xml-node.js';

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
  readonly guard: SignInGuard;
  readonly trust?: TlsTrust | undefined;
  readonly exchange?: HttpExchange | undefined;
  /** Reads the camera's clock anew; true when it is another than tokens were dated by. */
  readonly hasClockMoved?: (signal: AbortSignal) => Promise<boolean>;
}

const maxReplyBytes = 2_097_152;
/** Cameras take tokens that are some seconds old. */
const lateMs = 2_000;

/**
 * SOAP 1.2 with WS-UsernameToken, and HTTP digest where the camera asks for it. Errors: those of the link, `unauthenticated`,
 * `device_refused` (a fault), `unsupported`, `protocol_violation` (not SOAP). No password is ever in an error.
 */
export class SoapClient {
  /** Camera time minus ours: a token dated by another clock is refused. */
  skewMs = 0;
  readonly #options: SoapClientOptions;
  readonly #exchange: HttpExchange;
  readonly #digest: DigestSigner | undefined;
  #wasWelcome = false;

  constructor(options: SoapClientOptions) {
    this.#options = options;
    this.#exchange = options.exchange ?? httpExchange;
    this.#digest = options.credentials && new DigestSigner(options.credentials);
  }

  /** The reply's body. */
  async request(request: SoapRequest): Promise<XmlNode> {
    if (request.anonymous || !this.#digest) return this.#ask(request, request.anonymous === true);
    const isProof = request.action.endsWith('/GetDeviceInformation');
    return this.#options.guard.attempt(request.signal, () => this.#askSigned(request), isProof);
  }

  /**
   * A token dated by a clock that has moved meanwhile is refused like a wrong password: the clock is looked at once. So is
   * one that was long on its way, as over a cable that was out: one more is sent where the account was accepted before.
   */
  async #askSigned(request: SoapRequest): Promise<XmlNode> {
    const { clock, hasClockMoved } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      const body = await this.#ask(request, false);
      this.#wasWelcome = true;
      return body;
    } catch (error) {
      if (!isHubError(error, 'unauthenticated')) throw error;
      const isLate = this.#wasWelcome && clock.monotonicMs() - startedMs > lateMs;
      const hasMoved = await hasClockMoved?.(request.signal);
      if (!isLate && !hasMoved) throw error;
      return this.#ask(request, false);
    }
  }

  async #ask(request: SoapRequest, anonymous: boolean): Promise<XmlNode> {
    let reply = await this.#send(request, anonymous);
    // The challenge to an unsigned request is no refusal; nor is a new nonce for one that is used up.
    if (!anonymous && reply.status === 401 && this.#digest?.learn(reply.rawHeaders))
      reply = await this.#send(request, false);
    return readSoapReply(reply, request.url);
  }

  #send(request: SoapRequest, anonymous: boolean): Promise<HttpReply> {
    const { url, action, signal, timeoutMs = this.#options.timeoutMs } = request;
    const headers: Record<string, string> = {
      'content-type': `application/soap+xml; charset=utf-8; action="${action}"`,
    };
    const authorization = anonymous ? undefined : this.#digest?.header('POST', `${url.pathname}${url.search}`);
    if (authorization) headers.authorization = authorization;
    const body = this.#envelope(request, anonymous);
    const { trust } = this.#options;
    return this.#exchange(url, { method: 'POST', headers, body, timeoutMs, signal, maxBytes: maxReplyBytes, trust });
  }

  #envelope({ body, action, addressing }: SoapRequest, anonymous: boolean): string {
    const { credentials, clock } = this.#options;
    const address = addressing
      ? `<a:Action>${action}</a:Action><a:MessageID>urn:uuid:${uuidv7()}</a:MessageID><a:To>${escapeXml(addressing.to)}</a:To>${addressing.parameters}`
      : '';
    const token =
      anonymous || !credentials || this.#digest?.isChallenged
        ? ''
        : usernameToken(credentials, clock.now() + this.skewMs);
    return (
      '<?xml version="1.0" encoding="UTF-8"?>' +
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">' +
      `<s:Header>${address}${token}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
    );
  }
}
