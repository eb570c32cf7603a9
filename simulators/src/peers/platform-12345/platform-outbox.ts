import { randomUUID } from 'node:crypto';
import type { Clock } from '@hallhub/shared';
import { type Answered, callHub, type HubAddress, type Sending } from './call-hub.js';
import { after, type PlatformTicket, type Waiting } from './platform-book.js';
import type { PlatformFaults } from './platform-faults.js';

export interface OutboxDeps {
  readonly faults: PlatformFaults;
  readonly clock: Clock;
  /** By the platform’s own clock, which may be off. */
  readonly now: () => number;
  readonly hub: () => HubAddress | undefined;
  /** Wait between two tries of a message. */
  readonly retryMs: number;
}

/** What the platform has to say to the hub: per ticket one after the other, each tried until it is answered for good. */
export class PlatformOutbox {
  /** What the hub refused for good, by code. */
  readonly refused = new Map<string, number>();
  /** Files by their hash, to be sent before the message that names them. */
  readonly files = new Map<string, { readonly name: string; readonly bytes: Buffer }>();
  /** Of these, what the hub refused, with the code. */
  readonly refusedFiles = new Map<string, string>();
  /** How often the hub had a message already. */
  repeated = 0;
  readonly #filesThere = new Set<string>();
  readonly #sending = new Map<string, Promise<void>>();
  #learnedMs = 0;
  #closed = false;

  constructor(private readonly deps: OutboxDeps) {}

  /** True: everything was answered. */
  get isIdle(): boolean {
    return this.#sending.size === 0;
  }

  close(): void {
    this.#closed = true;
  }

  /** What is under way after `close` ends by itself. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#sending.values());
  }

  push(ticket: PlatformTicket, content: Waiting['content'], seq: number | null): void {
    ticket.waiting.push({
      ...{ id: randomUUID(), seq, body: null, tries: 0 },
      content: { at: Math.round(this.deps.now()), ...content },
    });
    this.#wake(ticket);
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
      if (second?.seq && this.deps.faults.happens('sendEarly'))
        await this.call('POST', '/messages', this.#stamp(ticket, second));
      if (this.deps.faults.happens('wrongSignature')) await this.call('POST', '/messages', body, { isForged: true });
      if (this.deps.faults.happens('sendTwice')) await this.call('POST', '/messages', body);
      const old = ticket.sent.at(-1);
      if (old !== undefined && this.deps.faults.happens('sendOldAgain')) await this.call('POST', '/messages', old);
      const answer = await this.call('POST', '/messages', body);
      if (!ticket.waiting.includes(one)) continue;
      if (!(await this.#settle(ticket, one, answer))) await this.#pause(++one.tries);
    }
  }

  /** False: one did not get there. What is refused for good is left out, before the message is written. */
  async #sendFiles(one: Waiting): Promise<boolean> {
    const files = (one.content.files as { sha256: string; name: string }[] | undefined) ?? [];
    for (const { sha256 } of files) {
      const file = this.files.get(sha256);
      if (!file || this.#filesThere.has(sha256) || this.refusedFiles.has(sha256)) continue;
      const body = JSON.stringify({ v: 1, sha256, name: file.name, content: file.bytes.toString('base64') });
      const isCut = this.deps.faults.happens('cutUpload');
      const { json } = await this.call('POST', '/files', body, { isCut });
      if (json?.result === 'accepted' || json?.result === 'repeated') this.#filesThere.add(sha256);
      else if (json?.code === 'invalid' || json?.code === 'too_large') this.refusedFiles.set(sha256, json.code);
      else {
        if (json?.code === 'clock' && json.serverTime !== undefined)
          this.#learnedMs = json.serverTime - this.deps.now();
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
    await this.deps.clock.sleep(Math.min(this.deps.retryMs * 2 ** Math.min(tries - 1, 4), 30_000));
  }

  /** True: go on with the next at once. */
  async #settle(ticket: PlatformTicket, one: Waiting, answer: Answered): Promise<boolean> {
    const { result, code, number, serverTime } = answer.json ?? {};
    if (result === 'accepted' || result === 'repeated') {
      if (result === 'repeated') this.repeated += 1;
      ticket.hubNumber = number ?? ticket.hubNumber;
      this.accepted(ticket, one);
      return true;
    }
    if (code === 'clock' && serverTime !== undefined) {
      this.#learnedMs = serverTime - this.deps.now();
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

  /** It was answered for good: the next may go. */
  accepted(ticket: PlatformTicket, one: Waiting): void {
    if (ticket.waiting[0] !== one) return;
    ticket.waiting.shift();
    ticket.sent.push(one.body ?? '');
    ticket.fromPlatform = Math.max(ticket.fromPlatform, one.seq ?? 0);
    if (ticket.owner === 'hub') Object.assign(ticket, after(ticket, one.content.act) ?? {});
  }

  call(method: string, path: string, body: string, how: Sending = {}): Promise<Answered> {
    const hub = this.deps.hub();
    if (!hub) throw new Error('the platform was not told where the hub is');
    const isUnread = this.deps.faults.happens('loseOwnAnswer');
    const atMs = Math.round(this.deps.now() + this.#learnedMs);
    return callHub(hub, { method, path, body, atMs, how: { ...how, isUnread } });
  }
}
