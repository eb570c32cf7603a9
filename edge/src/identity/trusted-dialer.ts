import type { TLSSocket } from 'node:tls';
import { gatewayPaths } from '@hallhub/shared/wire';
import { z } from 'zod';
import { checkServer, serverFaultOf } from './check-server.js';
import { type DialTlsOptions, dialTls } from './dial-tls.js';
import { answerOf, type GatewayAnswer, type GatewayRequest, sendOn } from './gateway-client.js';

export interface TrustedDialerOptions {
  /** The cloud's CAs, PEM. */
  readonly trust: () => readonly string[];
  readonly identity: () => DialTlsOptions['identity'];
  /** Where the time is asked for when it seems to be wrong. */
  readonly gateway: () => URL | undefined;
  /** Epoch ms, corrected as far as it is known. */
  readonly now: () => number;
  /** Epoch ms; it is not before then, whoever says so. */
  readonly earliest: () => number;
  /** The clock agreed with the cloud since it last jumped: dates that do not fit are then the server's fault. */
  readonly isTimeSure: () => boolean;
  readonly monotonicMs: () => number;
  /** The cloud's time, in an answer that took so long. */
  readonly learn: (serverTime: number, roundTripMs: number) => void;
}

export type DialTarget = Pick<DialTlsOptions, 'host' | 'port' | 'through' | 'alpn' | 'signal' | 'timeoutMs'>;

export const timeAnswerSchema = z.object({ serverTime: z.number().int().min(0) });

/** TLS to the cloud with this unit's certificate. A clock that makes the dates wrong is set right first (docs/protocol.md 5.3). */
export class TrustedDialer {
  readonly #options: TrustedDialerOptions;

  constructor(options: TrustedDialerOptions) {
    this.#options = options;
  }

  async dial(target: DialTarget): Promise<TLSSocket> {
    const { trust, identity, now } = this.#options;
    const attempt = () => dialTls({ ...target, identity: identity(), check: { trust: trust(), at: now() } });
    try {
      return await attempt();
    } catch (error) {
      if (serverFaultOf(error) !== 'dates' || !(await this.#takeTime(target.signal))) throw error;
      return await attempt();
    }
  }

  async request(gateway: URL, request: GatewayRequest): Promise<GatewayAnswer> {
    const socket = await this.dial({ ...gatewayTarget(gateway), signal: request.signal });
    return await sendOn(socket, gateway, request);
  }

  /**
   * From somebody whose chain ends in a pinned CA. An old certificate of the cloud in wrong hands is such a one too: what it says
   * counts only where its certificate holds by it, and after this unit's own was made.
   */
  async #takeTime(signal: AbortSignal | undefined): Promise<boolean> {
    const { gateway, trust, learn, monotonicMs, earliest, isTimeSure } = this.#options;
    const url = gateway();
    if (!url || isTimeSure()) return false;
    const socket = await dialTls({ ...gatewayTarget(url), signal, check: { trust: trust(), at: undefined } });
    const askedMs = monotonicMs();
    const answer = await sendOn(socket, url, { method: 'GET', path: gatewayPaths.time, signal, timeoutMs: 10_000 });
    const { serverTime } = answerOf(answer, timeAnswerSchema, url);
    if (serverTime < earliest()) return false;
    checkServer(answer.chain, { trust: trust(), host: gatewayTarget(url).host, at: serverTime });
    learn(serverTime, monotonicMs() - askedMs);
    return true;
  }
}

export const gatewayTarget = (gateway: URL): DialTarget => ({
  host: gateway.hostname.replace(/^\[|\]$/g, ''),
  port: Number(gateway.port || 443),
  alpn: ['http/1.1'],
});
