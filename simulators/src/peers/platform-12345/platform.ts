import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@hallhub/shared';
import { type Answered, callHub, type HubAddress, type Sending } from './call-hub.js';
import {
  after,
  bookPage,
  emptyLists,
  isDeciding,
  type Message,
  mayDo,
  type Owner,
  type PlatformTicket,
  type Waiting,
} from './platform-book.js';
import { PlatformFaults } from './platform-faults.js';
import { PlatformInbox, Refusal } from './platform-inbox.js';
import { isSignedRequest, signAnswer } from './sign.js';

export type { HubAddress } from './call-hub.js';
export { type BookLine, bookLine } from './platform-book.js';

const clockMs = 5 * 60_000;

export interface PlatformOptions {
  readonly port?: number;
  readonly seed?: number;
  readonly clock?: Clock;
  /** Wait between two tries of a message. */
  readonly retryMs?: number;
  readonly prefix?: string;
}

/** What people at the platform do with a ticket when they hear something of it. */
export type Behaviour = (platform: Platform12345, ticket: PlatformTicket, message: Message) => void;

/**
 * A 12345 platform: a book of its own, an outbox that tries until it is answered, and people who sign, finish and return. It speaks
 * real HTTP both ways and was written from the protocol’s page, so that it also tests that page.
 */
export class Platform12345 implements AsyncDisposable {
  readonly faults: PlatformFaults;
  readonly tickets = new Map<string, PlatformTicket>();
  readonly files = new Map<string, { readonly name: string; readonly bytes: Buffer }>();
  /** Its clock minus the right one. */
  clockOffMs = 0;
  behaviour: Behaviour | undefined;
  /** What the hub refused for good, by code. */
  readonly refused = new Map<string, number>();
  /** Its own files by their hash, to be sent before the message that names them. */
  readonly ownFiles = new Map<string, { readonly name: string; readonly bytes: Buffer }>();
  /** Of its own, what the hub refused, with the code. */
  readonly refusedFiles = new Map<string, string>();
  /** How often the hub had a message already. */
  repeated = 0;
  /** Says of a file of the hub’s whether it is taken; a code: it is not. */
  judgeFile: ((name: string, bytes: Buffer) => string | undefined) | undefined;
  readonly #filesThere = new Set<string>();
  readonly #inbox: PlatformInbox;
  readonly #nonces = new Set<string>();
  readonly #clock: Clock;
  readonly #retryMs: number;
  readonly #prefix: string;
  readonly #server: Server;
  readonly #sending = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #learnedMs = 0;
  #port = 0;
  #hub: HubAddress | undefined;
  #serial = 0;
  #closed = false;

  private constructor(options: PlatformOptions) {
    this.faults = new PlatformFaults(options.seed);
    this.#clock = options.clock ?? systemClock;
    this.#retryMs = options.retryMs ?? 1_000;
    this.#prefix = options.prefix ?? 'GD';
    this.#inbox = new PlatformInbox({
      ...{ tickets: this.tickets, files: this.files, faults: this.faults },
      judgeFile: (name, bytes) => this.judgeFile?.(name, bytes),
      accepted: (ticket, one) => this.#accepted(ticket, one),
      told: (ticket, message) => {
        const { behaviour } = this;
        if (behaviour) queueMicrotask(() => behaviour(this, ticket, message));
      },
    });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async open(options: PlatformOptions = {}): Promise<Platform12345> {
    const platform = new Platform12345(options);
    await new Promise<void>((resolve) => platform.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return platform;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/exchange`;
  }

  /** Nobody answers until it comes back, at the same port. */
  async goDown(): Promise<void> {
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async comeBack(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
  }

  /** A file of its own; a message may name it. */
  addFile(name: string, bytes: Buffer): { readonly sha256: string; readonly name: string } {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.ownFiles.set(sha256, { name, bytes });
    return { sha256, name };
  }

  connect(hub: HubAddress): void {
    this.#hub = hub;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#stopping.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await Promise.allSettled(this.#sending.values());
  }

  /** A ticket of its own goes to the hub; returns its number. */
  dispatch(content: Readonly<Record<string, unknown>> & { readonly title: string }): string {
    const number = `${this.#prefix}${String(++this.#serial).padStart(8, '0')}`;
    const ticket: PlatformTicket = {
      ...{ owner: 'platform', number, hubNumber: null, state: 'dispatched', extension: false },
      ...{ fromHub: 0, fromPlatform: 0, lastWord: 1, ...emptyLists() },
    };
    this.tickets.set(`platform:${number}`, ticket);
    this.#push(ticket, { act: 'dispatch', ...content }, 1);
    return number;
  }

  /** Does something with a ticket; false: it cannot be done now. */
  act(ticket: PlatformTicket, content: Readonly<Record<string, unknown>> & { readonly act: string }): boolean {
    const isOwner = ticket.owner === 'platform';
    if (!mayDo(content.act, isOwner)) return false;
    const standing = isOwner
      ? ticket
      : ticket.waiting.reduce((now, one) => Object.assign(now, after(now, one.content.act)), { ...ticket });
    const next = after(standing, content.act);
    if (!next) return false;
    const seq = isOwner ? ticket.fromPlatform + ticket.waiting.length + 1 : null;
    if (isOwner) {
      Object.assign(ticket, next);
      if (isDeciding(content.act)) ticket.lastWord = seq ?? 0;
    }
    this.#push(ticket, content, seq);
    return true;
  }

  ticket(owner: Owner, number: string): PlatformTicket | undefined {
    return this.tickets.get(`${owner}:${number}`);
  }

  /** True: everything it had to say was answered. */
  get isIdle(): boolean {
    return this.#sending.size === 0;
  }

  #push(ticket: PlatformTicket, content: Waiting['content'], seq: number | null): void {
    ticket.waiting.push({
      ...{ id: randomUUID(), seq, body: null, tries: 0 },
      content: { at: Math.round(this.#now()), ...content },
    });
    this.#wake(ticket);
  }

  #now(): number {
    return this.#clock.now() + this.clockOffMs;
  }

  #wake(ticket: PlatformTicket): void {
    const key = `${ticket.owner}:${ticket.number}`;
    if (this.#sending.has(key) || this.#closed) return;
    const run = this.#send(ticket).finally(() => {
      this.#sending.delete(key);
      if (ticket.waiting.length > 0) this.#wake(ticket);
    });
    this.#sending.set(key, run);
  }

  /** One after the other, each until it is answered for good. */
  async #send(ticket: PlatformTicket): Promise<void> {
    for (let one = ticket.waiting[0]; one && !this.#closed; one = ticket.waiting[0]) {
      if (!(await this.#sendFiles(one))) {
        await this.#pause(++one.tries);
        continue;
      }
      const body = this.#stamp(ticket, one);
      const [, second] = ticket.waiting;
      if (second?.seq && this.faults.happens('sendEarly'))
        await this.#call('POST', '/messages', this.#stamp(ticket, second));
      if (this.faults.happens('wrongSignature')) await this.#call('POST', '/messages', body, { isForged: true });
      if (this.faults.happens('sendTwice')) await this.#call('POST', '/messages', body);
      const old = ticket.sent.at(-1);
      if (old !== undefined && this.faults.happens('sendOldAgain')) await this.#call('POST', '/messages', old);
      const answer = await this.#call('POST', '/messages', body);
      if (!ticket.waiting.includes(one)) continue;
      if (!(await this.#settle(ticket, one, answer))) await this.#pause(++one.tries);
    }
  }

  /** False: one did not get there. What is refused for good is left out, before the message is written. */
  async #sendFiles(one: Waiting): Promise<boolean> {
    const files = (one.content.files as { sha256: string; name: string }[] | undefined) ?? [];
    for (const { sha256 } of files) {
      const file = this.ownFiles.get(sha256);
      if (!file || this.#filesThere.has(sha256) || this.refusedFiles.has(sha256)) continue;
      const body = JSON.stringify({ v: 1, sha256, name: file.name, content: file.bytes.toString('base64') });
      const isCut = this.faults.happens('cutUpload');
      const { json } = await this.#call('POST', '/files', body, { isCut });
      if (json?.result === 'accepted' || json?.result === 'repeated') this.#filesThere.add(sha256);
      else if (json?.code === 'invalid' || json?.code === 'too_large') this.refusedFiles.set(sha256, json.code);
      else {
        if (json?.code === 'clock' && json.serverTime !== undefined) this.#learnedMs = json.serverTime - this.#now();
        return false;
      }
    }
    const left = files.filter(({ sha256 }) => this.refusedFiles.has(sha256));
    if (left.length === 0 || one.body !== null) return true;
    one.content = {
      ...one.content,
      files: files.filter((file) => !left.includes(file)),
      left: left.map((file) => ({ ...file, code: this.refusedFiles.get(file.sha256) })),
    };
    return true;
  }

  #stamp(ticket: PlatformTicket, one: Waiting): string {
    one.seq ??= ticket.fromPlatform + 1;
    one.body ??= JSON.stringify({
      ...{ ...one.content, v: 1, id: one.id, ticket: { owner: ticket.owner, number: ticket.number } },
      ...{ seq: one.seq, seen: ticket.fromHub },
    });
    return one.body;
  }

  async #pause(tries: number): Promise<void> {
    await this.#clock.sleep(Math.min(this.#retryMs * 2 ** Math.min(tries - 1, 4), 30_000));
  }

  /** True: go on with the next at once. */
  async #settle(ticket: PlatformTicket, one: Waiting, answer: Answered): Promise<boolean> {
    const { result, code, number, serverTime } = answer.json ?? {};
    if (result === 'accepted' || result === 'repeated') {
      if (result === 'repeated') this.repeated += 1;
      ticket.hubNumber = number ?? ticket.hubNumber;
      this.#accepted(ticket, one);
      return true;
    }
    if (code === 'clock' && serverTime !== undefined) {
      this.#learnedMs = serverTime - this.#now();
      return false;
    }
    if (code === 'no_such_file') {
      for (const { sha256 } of (one.content.files as { sha256: string }[] | undefined) ?? []) {
        this.#filesThere.delete(sha256);
      }
      return false;
    }
    if (code === 'not_now' && ticket.owner === 'hub') {
      // Said anew once what is on its way is here.
      Object.assign(one, { seq: null, body: null });
      return false;
    }
    const isForGood =
      code !== undefined && ['invalid', 'unmapped', 'not_yours', 'reused', 'no_such_ticket'].includes(code);
    if (!isForGood) return false;
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
    // A person would look here; the simulator tries again, more slowly.
    one.tries += 2;
    return false;
  }

  #accepted(ticket: PlatformTicket, one: Waiting): void {
    if (ticket.waiting[0] !== one) return;
    ticket.waiting.shift();
    ticket.sent.push(one.body ?? '');
    ticket.fromPlatform = Math.max(ticket.fromPlatform, one.seq ?? 0);
    if (ticket.owner === 'hub') Object.assign(ticket, after(ticket, one.content.act) ?? {});
  }

  /** Reads the hub’s whole book, as its own comparison does. */
  async readHubBook(): Promise<readonly Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const path = next === '' ? '/book' : `/book?after=${encodeURIComponent(next)}`;
      const answer = await this.#call('GET', path, '');
      const page = answer.json as unknown as { items?: Record<string, unknown>[]; next?: string | null } | undefined;
      if (!page?.items) throw new Error(`no book: ${answer.status}`);
      items.push(...page.items);
      next = page.next ?? null;
    }
    return items;
  }

  /** Sends a file; true: the hub has it. */
  async sendFile(name: string, bytes: Buffer): Promise<string | undefined> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const body = JSON.stringify({ v: 1, sha256, name, content: bytes.toString('base64') });
    const { json } = await this.#call('POST', '/files', body);
    return json?.result === 'accepted' || json?.result === 'repeated' ? sha256 : undefined;
  }

  #call(method: string, path: string, body: string, how: Sending = {}): Promise<Answered> {
    const hub = this.#hub;
    if (!hub) throw new Error('the platform was not told where the hub is');
    const isUnread = this.faults.happens('loseOwnAnswer');
    const atMs = Math.round(this.#now() + this.#learnedMs);
    return callHub(hub, { method, path, body, atMs, how: { ...how, isUnread } });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.faults.happens('loseRequest')) return void request.socket.destroy();
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    if (this.faults.happens('lateShare')) {
      await this.#clock.sleep(this.faults.lateMs, this.#stopping.signal).catch(() => undefined);
    }
    const fails = this.faults.happens('serverError');
    if (fails && this.faults.random() < 0.5) return void response.writeHead(500).end('Internal Server Error');
    const nonce = String(request.headers['x-exchange-nonce'] ?? '');
    let status = 200;
    let body: object;
    try {
      body = this.#take(request, Buffer.concat(parts).toString());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      status = error.status;
      body = { v: 1, result: 'refused', code: error.code, detail: error.code, ...error.more };
    }
    if (fails) return void response.writeHead(500).end('Internal Server Error');
    if (this.faults.happens('loseAnswer')) return void request.socket.destroy();
    if (this.faults.happens('unsignedAnswer')) return void response.writeHead(200).end('<html>登录上网</html>');
    const text = JSON.stringify(body);
    const key = this.#hub ?? { keyId: '', secret: '' };
    const signature = signAnswer(key, status, nonce, text);
    response.writeHead(status, { 'content-type': 'application/json', 'x-exchange-signature': signature }).end(text);
  }

  #take(request: IncomingMessage, body: string): object {
    const hub = this.#hub;
    const path = request.url ?? '';
    const method = request.method ?? '';
    if (!hub || !isSignedRequest(hub, { method, path, body, headers: request.headers }))
      throw new Refusal(401, 'signature');
    const now = Math.round(this.#now());
    if (Math.abs(Number(request.headers['x-exchange-timestamp']) - now) > clockMs) {
      throw new Refusal(401, 'clock', { serverTime: now });
    }
    const nonce = String(request.headers['x-exchange-nonce']);
    if (this.#nonces.has(nonce)) throw new Refusal(401, 'replay');
    this.#nonces.add(nonce);
    const name = path.replace(/^\/exchange/, '').replace(/\?.*/, '');
    if (method === 'GET' && name === '/book')
      return bookPage([...this.tickets.values()], new URL(path, 'http://x').searchParams.get('after'));
    if (method === 'POST' && name === '/messages') return this.#inbox.takeMessage(JSON.parse(body) as Message, body);
    if (method === 'POST' && name === '/files') return this.#inbox.takeFile(JSON.parse(body));
    throw new Refusal(400, 'invalid');
  }
}
