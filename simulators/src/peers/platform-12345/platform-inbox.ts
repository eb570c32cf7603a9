import { createHash } from 'node:crypto';
import {
  after,
  afterHeard,
  emptyLists,
  type Message,
  mayDo,
  type PlatformTicket,
  type Waiting,
} from './platform-book.js';
import type { PlatformFaults } from './platform-faults.js';

/** What the hub is told instead of an answer. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly more: object = {},
  ) {
    super(code);
  }
}

interface InboxOf {
  readonly tickets: Map<string, PlatformTicket>;
  readonly files: Map<string, { readonly name: string; readonly bytes: Buffer }>;
  readonly faults: PlatformFaults;
  /** A code: the file is not taken. */
  judgeFile(name: string, bytes: Buffer): string | undefined;
  /** The hub has this one, as its own message says. */
  accepted(ticket: PlatformTicket, one: Waiting): void;
  /** People may do something now. */
  told(ticket: PlatformTicket, message: Message): void;
}

/** What the hub sends: each message once, in its order, as the ticket’s state allows it. */
export class PlatformInbox {
  readonly #of: InboxOf;
  readonly #heard = new Map<string, { readonly hash: string; readonly key: string }>();

  constructor(of: InboxOf) {
    this.#of = of;
  }

  takeFile({ sha256, name, content }: { sha256: string; name: string; content: string }): object {
    const bytes = Buffer.from(content, 'base64');
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Refusal(400, 'invalid');
    const refused = this.#of.judgeFile(name, bytes);
    if (refused !== undefined) throw new Refusal(refused === 'too_large' ? 413 : 400, refused);
    const result = this.#of.files.has(sha256) ? 'repeated' : 'accepted';
    this.#of.files.set(sha256, { name, bytes });
    return { v: 1, result, sha256 };
  }

  /** `body`: as it came, byte by byte. */
  takeMessage(message: Message, body: string): object {
    const key = `${message.ticket.owner}:${message.ticket.number}`;
    const hash = createHash('sha256').update(body).digest('hex');
    const known = this.#heard.get(message.id);
    const ticket = this.#of.tickets.get(key);
    if (known) {
      if (known.hash !== hash || !ticket) throw new Refusal(409, 'reused');
      return this.#answer(ticket, message, 'repeated');
    }
    const isOwner = message.ticket.owner === 'hub';
    if (!mayDo(message.act, isOwner)) throw new Refusal(403, 'not_yours');
    const files = (message.files as { sha256: string }[] | undefined) ?? [];
    const [named] = files;
    if (named && this.#of.faults.happens('loseFile')) this.#of.files.delete(named.sha256);
    if (files.some(({ sha256 }) => !this.#of.files.has(sha256))) throw new Refusal(409, 'no_such_file');
    const taken = ticket ? this.#goOn(ticket, message) : this.#begin(message);
    this.#heard.set(message.id, { hash, key });
    taken.heard.push(message.act);
    if (message.words !== undefined) taken.words.push(message.words);
    taken.files.push(...files.map(({ sha256 }) => sha256));
    taken.left.push(...((message.left as { code: string }[] | undefined) ?? []).map(({ code }) => code));
    this.#of.tickets.set(key, taken);
    const answer = this.#answer(taken, message, 'accepted');
    this.#of.told(taken, message);
    return answer;
  }

  #begin(message: Message): PlatformTicket {
    if (message.ticket.owner !== 'hub' || message.act !== 'dispatch') throw new Refusal(404, 'no_such_ticket');
    if (message.seq !== 1) throw new Refusal(409, 'out_of_order', { expected: 1 });
    return {
      ...{ owner: 'hub', number: message.ticket.number, hubNumber: message.ticket.number, state: 'dispatched' },
      ...{ extension: false, fromHub: 1, fromPlatform: 0, lastWord: 0, ...emptyLists() },
    };
  }

  #goOn(ticket: PlatformTicket, message: Message): PlatformTicket {
    const expected = ticket.fromHub + 1;
    if (message.seq < expected) throw new Refusal(409, 'reused');
    if (message.seq > expected) throw new Refusal(409, 'out_of_order', { expected });
    // What the hub has seen was accepted, though its answer was lost.
    while (ticket.waiting[0]?.seq && ticket.waiting[0].body && ticket.waiting[0].seq <= message.seen) {
      this.#of.accepted(ticket, ticket.waiting[0]);
    }
    const { state } = ticket;
    const isStale = ticket.owner === 'platform' && message.act !== 'opinion' && message.seen < ticket.lastWord;
    const next = isStale ? undefined : afterHeard(ticket, message.act);
    if (!next) throw new Refusal(409, 'not_now', { state });
    Object.assign(ticket, next);
    ticket.fromHub = message.seq;
    if (ticket.owner === 'hub') this.#dropOvertaken(ticket);
    return ticket;
  }

  /** What the owner’s word made pointless is not said any more. */
  #dropOvertaken(ticket: PlatformTicket): void {
    let standing: Pick<PlatformTicket, 'state' | 'extension'> = ticket;
    for (const one of [...ticket.waiting]) {
      const next = after(standing, one.content.act);
      if (next) standing = next;
      else ticket.waiting.splice(ticket.waiting.indexOf(one), 1);
    }
    for (const one of ticket.waiting.slice(1)) Object.assign(one, { seq: null, body: null });
  }

  #answer(ticket: PlatformTicket, { id }: Message, result: 'accepted' | 'repeated'): object {
    const number = ticket.owner === 'platform' ? ticket.number : `P-${ticket.number}`;
    return { v: 1, result, id, state: ticket.state, number };
  }
}
