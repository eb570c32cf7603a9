import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../random.js';
import { isSigned, signed } from './sign.js';

export interface SmsFaults {
  /** Of what is asked, this share is taken and sent, but its answer never arrives. */
  readonly lostAnswers: number;
  /** Receipts that never go out. */
  readonly lostReceipts: number;
  /** Receipts that go out twice. */
  readonly doubledReceipts: number;
  /** Answered `busy`. */
  readonly busy: number;
}

/** What became of one message at the provider, by its id. */
export interface SmsMessage {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly template: string;
  /** How often it was asked for; it is sent once. */
  asked: number;
  state: 'sent' | 'delivered' | 'failed' | 'refused';
  /** Its receipt will not come. */
  isLost: boolean;
}

interface Asked {
  readonly v: number;
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly template: string;
}

/** Numbers ending so are none; and phones that are off. */
const invalidEnd = '0000';
const unreachableEnd = '9999';

/** A gateway of short messages as docs/protocol.md 10.3 has it: keeps what it sent, knows repeats, and tells by receipts what arrived. */
export class SmsProvider implements AsyncDisposable {
  readonly messages = new Map<string, SmsMessage>();
  /** Requests that were not signed. */
  strangers = 0;
  /** Answers of the hub to receipts. */
  readonly answered: number[] = [];
  readonly #server: Server;
  /** What happens once a message is sent, and before its answer. */
  onSent: (() => Promise<void>) | undefined;
  readonly #closed = new AbortController();
  readonly #faults: SmsFaults;
  readonly #seed: number;
  readonly #streams = new Map<string, () => number>();
  #secret = '';
  #receiptsUrl = '';
  #posting: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly faults?: Partial<SmsFaults>; readonly seed: number }) {
    this.#faults = { lostAnswers: 0, lostReceipts: 0, doubledReceipts: 0, busy: 0, ...options.faults };
    this.#seed = options.seed;
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/messages`;
  }

  /** As the hub’s page said when the channel was made. */
  connect(of: { readonly secret: string; readonly receiptsUrl: string }): void {
    this.#secret = of.secret;
    this.#receiptsUrl = of.receiptsUrl;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const answer = (status: number, said: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    if (!isSigned(this.#secret, request.headers, body)) {
      this.strangers += 1;
      return void answer(401, { result: 'refused', code: 'signature' });
    }
    const asked = JSON.parse(body) as Asked;
    if (this.#happens('busy', asked.to)) return void answer(503, { result: 'refused', code: 'busy' });
    const known = this.messages.get(asked.id);
    const message = known ?? this.#send(asked);
    message.asked += 1;
    if (message.state === 'refused') return void answer(200, { result: 'refused', code: 'invalid_number' });
    await this.onSent?.();
    if (!known && this.#happens('lostAnswers', message.to)) return void request.socket.destroy();
    answer(200, { result: 'accepted', ref: `p-${asked.id}` });
  }

  #send({ id, to, text, template }: Asked): SmsMessage {
    const isBad = to.endsWith(invalidEnd);
    const message: SmsMessage = { id, to, text, template, asked: 0, state: isBad ? 'refused' : 'sent', isLost: false };
    this.messages.set(id, message);
    if (!isBad) this.#posting = this.#posting.then(() => this.#receipt(message));
    return message;
  }

  async #receipt(message: SmsMessage): Promise<void> {
    message.isLost = this.#happens('lostReceipts', message.to);
    message.state = message.to.endsWith(unreachableEnd) ? 'failed' : 'delivered';
    if (message.isLost) return;
    const times = this.#happens('doubledReceipts', message.to) ? 2 : 1;
    const { id, state } = message;
    const receipt = { id, state, ...(state === 'failed' ? { code: 'unreachable' } : {}) };
    const body = JSON.stringify({ v: 1, receipts: [receipt] });
    for (let i = 0; i < times; i++) await this.#post(`r-${id}-${i}`, body);
  }

  /** Until the hub answers: it may be away for a while, and be elsewhere when it comes back. */
  async #post(receiptId: string, body: string): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const headers = { 'content-type': 'application/json', ...signed(this.#secret, receiptId, body) };
      const timeout = AbortSignal.timeout(10_000);
      const init = { method: 'POST', body, headers, signal: AbortSignal.any([signal, timeout]) };
      const answer = await fetch(this.#receiptsUrl, init).catch(() => undefined);
      if (answer) return void this.answered.push(answer.status);
      await setTimeout(200, undefined, { signal }).catch(() => undefined);
    }
  }

  /** By fault and number: the same seed, the same trouble, in whatever order they come. */
  #happens(fault: keyof SmsFaults, to: string): boolean {
    const key = `${this.#seed} ${fault} ${to}`;
    let random = this.#streams.get(key);
    if (!random) {
      random = seededRandom(createHash('sha256').update(key).digest().readUInt32BE());
      this.#streams.set(key, random);
    }
    return random() < this.#faults[fault];
  }

  /** All receipts that will ever go out have. */
  async settled(): Promise<void> {
    await this.#posting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#posting.catch(() => undefined);
  }
}
