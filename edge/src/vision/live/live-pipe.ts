import { connect, type Socket } from 'node:net';
import type { Clock } from '@hallhub/shared';
import { encodeLiveRecord, type LiveRecord } from '@hallhub/shared/vision';

export interface LivePipeOptions {
  /** Of the agent, which carries the records on. */
  readonly socketPath: string;
  readonly token: string;
  readonly clock: Clock;
  readonly onEnd: () => void;
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly isPicture: boolean;
  readonly atMs: number;
}

/** What waited so long is not now any more. */
const latestMs = 1_200;
/** With a key picture at hand, so much delay is worth a jump. */
const jumpMs = 500;
const maxWaitingBytes = 10 * 1024 * 1024;

/**
 * In the child: records to the agent's socket, as many bytes as the agent granted (each four bytes that come back are a grant).
 * So what the line does not carry waits here and nowhere else, and is left out up to the next key picture once it is late.
 */
export class LivePipe {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  #begun = 0;
  #credit = 0;
  #grant: Buffer = Buffer.alloc(0);
  #waitsForKey = true;
  #isClosed = false;
  #sent = 0;
  #leftOut = 0;

  constructor({ socketPath, token, clock, onEnd }: LivePipeOptions) {
    this.#clock = clock;
    this.#socket = connect(socketPath);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#queue = [];
      onEnd();
    });
    this.#socket.on('data', (chunk: Buffer) => this.#granted(chunk));
    this.#socket.write(`${token}\n`);
  }

  /** Pictures since it began: those that went, and those that were left out because the line did not carry them. */
  get figures(): { readonly sent: number; readonly leftOut: number } {
    return { sent: this.#sent, leftOut: this.#leftOut };
  }

  /** Not a picture: never left out. */
  say(record: LiveRecord): void {
    if (record.kind === 'describe') this.#waitsForKey = true;
    this.#put(record, false);
  }

  show(record: LiveRecord): void {
    const isKey = record.kind === 'key';
    if (this.#lateMs > (isKey ? jumpMs : latestMs) || this.#waitingBytes > maxWaitingBytes) this.#drop();
    if (isKey) this.#waitsForKey = false;
    // Before the first key picture nobody could show it: that is not the line's fault.
    if (!this.#waitsForKey) this.#put(record, true);
    else if (this.#sent > 0) this.#leftOut += 1;
  }

  /** Whatever waits: what is said beside the pictures must not pile up where there are none. */
  get isLate(): boolean {
    const [first] = this.#queue;
    return first !== undefined && this.#clock.monotonicMs() - first.atMs > jumpMs;
  }

  close(): void {
    this.#socket.destroy();
  }

  get #lateMs(): number {
    const first = this.#queue.find(({ isPicture }) => isPicture);
    return first ? this.#clock.monotonicMs() - first.atMs : 0;
  }

  #put(record: LiveRecord, isPicture: boolean): void {
    if (this.#isClosed) return;
    const bytes = encodeLiveRecord(record);
    this.#queue.push({ bytes, isPicture, atMs: this.#clock.monotonicMs() });
    this.#waitingBytes += bytes.length;
    this.#flow();
  }

  /** All pictures that wait, but for one that is half sent. */
  #drop(): void {
    const [first] = this.#queue;
    const keepsFirst = this.#begun > 0;
    const before = this.#queue.length;
    this.#queue = this.#queue.filter((one) => !one.isPicture || (keepsFirst && one === first));
    this.#leftOut += before - this.#queue.length;
    this.#waitingBytes = this.#queue.reduce((sum, { bytes }) => sum + bytes.length, -this.#begun);
    this.#waitsForKey = true;
  }

  #granted(chunk: Buffer): void {
    const bytes = this.#grant.length > 0 ? Buffer.concat([this.#grant, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % 4);
    for (let at = 0; at < whole; at += 4) this.#credit += bytes.readUInt32BE(at);
    this.#grant = bytes.subarray(whole);
    this.#flow();
  }

  #flow(): void {
    while (this.#credit > 0 && !this.#socket.destroyed) {
      const [first] = this.#queue;
      if (!first) return;
      const end = Math.min(first.bytes.length, this.#begun + this.#credit);
      this.#socket.write(first.bytes.subarray(this.#begun, end));
      this.#credit -= end - this.#begun;
      this.#waitingBytes -= end - this.#begun;
      this.#begun = end;
      if (end < first.bytes.length) return;
      if (first.isPicture) this.#sent += 1;
      this.#queue.shift();
      this.#begun = 0;
    }
  }
}

/** A grant on its way from the agent. */
export const grantOf = (bytes: number): Buffer => {
  const message = Buffer.alloc(4);
  message.writeUInt32BE(bytes);
  return message;
};
