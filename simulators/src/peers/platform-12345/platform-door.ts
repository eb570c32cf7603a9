import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@hallhub/shared';
import type { HubAddress } from './call-hub.js';
import type { PlatformFaults } from './platform-faults.js';
import { Refusal } from './platform-inbox.js';
import { isSignedRequest, signAnswer } from './sign.js';

const clockMs = 5 * 60_000;

export interface DoorDeps {
  readonly faults: PlatformFaults;
  readonly clock: Clock;
  /** By the platform’s own clock, which may be off. */
  readonly now: () => number;
  readonly hub: () => HubAddress | undefined;
  readonly stopping: AbortSignal;
  /** A request that is the hub’s, and is not heard for the second time. Throws `Refusal`. */
  readonly take: (request: { readonly method: string; readonly url: URL; readonly body: string }) => object;
}

/** The platform’s side of a connection: judges who asks, signs what it answers, and has its faults. */
export class PlatformDoor {
  readonly #nonces = new Set<string>();

  constructor(private readonly deps: DoorDeps) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.deps.faults.happens('loseRequest')) return void request.socket.destroy();
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    if (this.deps.faults.happens('lateShare')) {
      await this.deps.clock.sleep(this.deps.faults.lateMs, this.deps.stopping).catch(() => undefined);
    }
    const fails = this.deps.faults.happens('serverError');
    if (fails && this.deps.faults.random() < 0.5) return void response.writeHead(500).end('Internal Server Error');
    const nonce = String(request.headers['x-exchange-nonce'] ?? '');
    let status = 200;
    let body: object;
    try {
      body = this.#judge(request, Buffer.concat(parts).toString());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      status = error.status;
      body = { v: 1, result: 'refused', code: error.code, detail: error.code, ...error.more };
    }
    if (fails) return void response.writeHead(500).end('Internal Server Error');
    if (this.deps.faults.happens('loseAnswer')) return void request.socket.destroy();
    if (this.deps.faults.happens('unsignedAnswer')) return void response.writeHead(200).end('<html>登录上网</html>');
    const text = JSON.stringify(body);
    const key = this.deps.hub() ?? { keyId: '', secret: '' };
    const signature = signAnswer(key, status, nonce, text);
    response.writeHead(status, { 'content-type': 'application/json', 'x-exchange-signature': signature }).end(text);
  }

  #judge(request: IncomingMessage, body: string): object {
    const hub = this.deps.hub();
    const path = request.url ?? '';
    const method = request.method ?? '';
    if (!hub || !isSignedRequest(hub, { method, path, body, headers: request.headers }))
      throw new Refusal(401, 'signature');
    const now = Math.round(this.deps.now());
    if (Math.abs(Number(request.headers['x-exchange-timestamp']) - now) > clockMs) {
      throw new Refusal(401, 'clock', { serverTime: now });
    }
    const nonce = String(request.headers['x-exchange-nonce']);
    if (this.#nonces.has(nonce)) throw new Refusal(401, 'replay');
    this.#nonces.add(nonce);
    return this.deps.take({ method, url: new URL(path, 'http://x'), body });
  }
}
