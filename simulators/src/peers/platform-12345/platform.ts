import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@hallhub/shared';
import type { HubAddress } from './call-hub.js';
import {
  after,
  bookPage,
  emptyLists,
  isDeciding,
  type Message,
  mayDo,
  type Owner,
  type PlatformTicket,
} from './platform-book.js';
import { PlatformDoor } from './platform-door.js';
import { PlatformFaults } from './platform-faults.js';
import { PlatformInbox, Refusal } from './platform-inbox.js';
import { PlatformOutbox } from './platform-outbox.js';

export type { HubAddress } from './call-hub.js';
export { type BookLine, bookLine } from './platform-book.js';

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
  /** Says of a file of the hub’s whether it is taken; a code: it is not. */
  judgeFile: ((name: string, bytes: Buffer) => string | undefined) | undefined;
  readonly #outbox: PlatformOutbox;
  readonly #inbox: PlatformInbox;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  #port = 0;
  #hub: HubAddress | undefined;
  #serial = 0;

  private constructor(options: PlatformOptions) {
    this.faults = new PlatformFaults(options.seed);
    this.#clock = options.clock ?? systemClock;
    this.#prefix = options.prefix ?? 'GD';
    const { faults } = this;
    const own = { faults, clock: this.#clock, now: () => this.#now(), hub: () => this.#hub };
    this.#outbox = new PlatformOutbox({ ...own, retryMs: options.retryMs ?? 1_000 });
    this.#inbox = new PlatformInbox({
      ...{ tickets: this.tickets, files: this.files, faults },
      judgeFile: (name, bytes) => this.judgeFile?.(name, bytes),
      accepted: (ticket, one) => this.#outbox.accepted(ticket, one),
      told: (ticket, message) => {
        const { behaviour } = this;
        if (behaviour) queueMicrotask(() => behaviour(this, ticket, message));
      },
    });
    const door = new PlatformDoor({ ...own, stopping: this.#stopping.signal, take: (request) => this.#take(request) });
    this.#server = createServer((request, response) => void door.serve(request, response));
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
    this.#outbox.files.set(sha256, { name, bytes });
    return { sha256, name };
  }

  connect(hub: HubAddress): void {
    this.#hub = hub;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#outbox.close();
    this.#stopping.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#outbox.settled();
  }

  /** A ticket of its own goes to the hub; returns its number. */
  dispatch(content: Readonly<Record<string, unknown>> & { readonly title: string }): string {
    const number = `${this.#prefix}${String(++this.#serial).padStart(8, '0')}`;
    const ticket: PlatformTicket = {
      ...{ owner: 'platform', number, hubNumber: null, state: 'dispatched', extension: false },
      ...{ fromHub: 0, fromPlatform: 0, lastWord: 1, ...emptyLists() },
    };
    this.tickets.set(`platform:${number}`, ticket);
    this.#outbox.push(ticket, { act: 'dispatch', ...content }, 1);
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
    this.#outbox.push(ticket, content, seq);
    return true;
  }

  /** What the hub refused for good, by code. */
  get refused(): ReadonlyMap<string, number> {
    return this.#outbox.refused;
  }

  /** How often the hub had a message already. */
  get repeated(): number {
    return this.#outbox.repeated;
  }

  /** True: everything it had to say was answered. */
  get isIdle(): boolean {
    return this.#outbox.isIdle;
  }

  ticket(owner: Owner, number: string): PlatformTicket | undefined {
    return this.tickets.get(`${owner}:${number}`);
  }

  /** Reads the hub’s whole book, as its own comparison does. */
  async readHubBook(): Promise<readonly Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const path = next === '' ? '/book' : `/book?after=${encodeURIComponent(next)}`;
      const answer = await this.#outbox.call('GET', path, '');
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
    const { json } = await this.#outbox.call('POST', '/files', body);
    return json?.result === 'accepted' || json?.result === 'repeated' ? sha256 : undefined;
  }

  #now(): number {
    return this.#clock.now() + this.clockOffMs;
  }

  #take({ method, url, body }: { readonly method: string; readonly url: URL; readonly body: string }): object {
    const name = url.pathname.replace(/^\/exchange/, '');
    if (method === 'GET' && name === '/book')
      return bookPage([...this.tickets.values()], url.searchParams.get('after'));
    if (method === 'POST' && name === '/messages') return this.#inbox.takeMessage(JSON.parse(body) as Message, body);
    if (method === 'POST' && name === '/files') return this.#inbox.takeFile(JSON.parse(body));
    throw new Refusal(400, 'invalid');
  }
}
