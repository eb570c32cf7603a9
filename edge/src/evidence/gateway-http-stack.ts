import { HubError, toHubError } from '@hallhub/shared';
import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';
import type { GatewayAnswer, GatewayRequest } from '../identity/index.js';
import type { Flight, LinkBudget } from '../link-budget/index.js';

export interface GatewayHttpOptions {
  /** As this unit, over mutual TLS. */
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  readonly budget: LinkBudget;
  readonly signal: AbortSignal;
}

const leastTimeoutMs = 30_000;

/** How tus-js-client reaches the gateway: by the unit's certificate, each piece when it is evidence's turn on the line. */
export const gatewayHttpStack = (options: GatewayHttpOptions): HttpStack => ({
  getName: () => 'HallHubGateway',
  createRequest: (method, url) => new GatewayTusRequest(method, new URL(url), options),
});

class GatewayTusRequest implements HttpRequest {
  readonly #method: string;
  readonly #url: URL;
  readonly #options: GatewayHttpOptions;
  readonly #headers: Record<string, string> = {};
  readonly #abort = new AbortController();

  constructor(method: string, url: URL, options: GatewayHttpOptions) {
    this.#method = method;
    this.#url = url;
    this.#options = options;
  }

  getMethod(): string {
    return this.#method;
  }
  getURL(): string {
    return this.#url.href;
  }
  setHeader(header: string, value: string): void {
    this.#headers[header.toLowerCase()] = value;
  }
  getHeader(header: string): string | undefined {
    return this.#headers[header.toLowerCase()];
  }
  setProgressHandler(): void {}
  getUnderlyingObject(): undefined {
    return undefined;
  }
  async abort(): Promise<void> {
    this.#abort.abort(new HubError('cancelled', 'stopped'));
  }

  async send(body: unknown): Promise<HttpResponse> {
    const { request, budget } = this.#options;
    const signal = AbortSignal.any([this.#abort.signal, this.#options.signal]);
    const bytes = body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : undefined;
    const flight = bytes ? await turn(budget, bytes.length, signal) : undefined;
    if (!bytes) budget.charge(0);
    let silent = false;
    try {
      const answer = await request({
        ...{ method: this.#method, path: `${this.#url.pathname}${this.#url.search}`, headers: this.#headers, signal },
        ...(bytes ? { body: bytes } : {}),
        timeoutMs: budget.answerTimeoutMs(bytes?.length ?? 0, leastTimeoutMs),
      });
      flight?.answered();
      return response(answer);
    } catch (error) {
      silent = toHubError(error).code === 'timeout';
      throw error;
    } finally {
      flight?.over(silent);
    }
  }
}

const response = ({ status, headers, body }: GatewayAnswer): HttpResponse => ({
  getStatus: () => status,
  getHeader: (name) => {
    const value = headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  },
  getBody: () => body.toString('utf8'),
  getUnderlyingObject: () => undefined,
});

const turn = (budget: LinkBudget, bytes: number, signal: AbortSignal): Promise<Flight> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let giveUp: (() => void) | undefined;
    const onAbort = () => {
      giveUp?.();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    giveUp = budget.request('evidence', bytes, (flight) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) flight.over();
      resolve(flight);
    });
  });
