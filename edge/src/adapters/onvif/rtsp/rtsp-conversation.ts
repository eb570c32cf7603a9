import { HubError } from '@hallhub/shared';
import type { ByteLink } from '../../links/index.js';

export interface RtspReply {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const maxReplyBytes = 65_536;
/** A reply and a media packet, neither of them whole yet, are less. */
const maxReceivedBytes = 4 * maxReplyBytes;
const interleavedMark = 0x24;

export const rtspHeader = (reply: RtspReply, name: string): string | undefined =>
  reply.headers.find(([key]) => key === name)?.[1];

/** Requests and answers of RTSP 1.0 on one connection, with the media packets that may come between (RFC 2326, 10.12). */
export class RtspConversation {
  #cseq = 0;
  #received = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #lost: HubError | undefined;
  /** Media packets on this connection, by channel. */
  readonly packets = new Map<number, number>();

  constructor(
    private readonly link: ByteLink,
    private readonly signal: AbortSignal,
  ) {
    const wake = () => this.#wake?.();
    link.listen({
      data: (bytes) => {
        this.#received = Buffer.concat([this.#received, bytes]);
        this.#skipPackets();
        if (this.#received.length > maxReceivedBytes) this.#giveUp();
        wake();
      },
      closed: (reason) => {
        this.#lost ??= reason ?? new HubError('link_lost', `${link.name} was closed`);
        wake();
      },
    });
    signal.addEventListener('abort', wake, { once: true });
  }

  async ask(method: string, uri: string, headers: Record<string, string> = {}): Promise<RtspReply> {
    const cseq = String(++this.#cseq);
    const lines = Object.entries({ CSeq: cseq, 'User-Agent': 'HallHub', ...headers });
    this.link.write(
      Buffer.from(`${method} ${uri} RTSP/1.0\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`),
    );
    for (;;) {
      const reply = this.#take();
      // A server may ask things too; only the answer to this very request counts.
      if (reply && (rtspHeader(reply, 'cseq') ?? cseq) === cseq) return reply;
      if (!reply) await this.moved();
    }
  }

  /** Resolves when something came. Throws when the connection is lost or the signal aborts. */
  async moved(): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#lost) throw this.#lost;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.signal.throwIfAborted();
  }

  /** `$`, channel, two bytes of length, the packet. */
  #skipPackets(): void {
    while (this.#received[0] === interleavedMark && this.#received.length >= 4) {
      const length = this.#received.readUInt16BE(2);
      if (this.#received.length < 4 + length) return;
      const channel = this.#received[1] ?? 0;
      this.packets.set(channel, (this.packets.get(channel) ?? 0) + 1);
      this.#received = this.#received.subarray(4 + length);
    }
  }

  #take(): RtspReply | undefined {
    this.#skipPackets();
    const bytes = this.#received;
    if (bytes[0] === interleavedMark) return undefined;
    if (bytes.length >= 5 && bytes.toString('latin1', 0, 5) !== 'RTSP/') throw this.#notRtsp();
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      if (bytes.length > maxReplyBytes) throw this.#notRtsp();
      return undefined;
    }
    const [first = '', ...rest] = bytes.toString('utf8', 0, end).split('\r\n');
    const status = /^RTSP\/\d\.\d (\d{3}) ?(.*)$/.exec(first);
    if (!status) throw this.#notRtsp();
    const headers = rest.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0);
    if (!Number.isInteger(length) || length < 0 || length > maxReplyBytes) throw this.#notRtsp();
    if (bytes.length < end + 4 + length) return undefined;
    const body = bytes.toString('utf8', end + 4, end + 4 + length);
    this.#received = bytes.subarray(end + 4 + length);
    return { status: Number(status[1]), reason: status[2] ?? '', headers, body };
  }

  #giveUp(): void {
    this.#received = Buffer.alloc(0);
    this.#lost = this.#notRtsp();
    void this.link.close();
  }

  #notRtsp(): HubError {
    return new HubError('protocol_violation', `${this.link.name} does not speak RTSP`, {
      context: { link: this.link.name },
    });
  }
}
