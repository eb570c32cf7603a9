import { gunzipSync } from 'node:zlib';
import {
  type BatchAnswer,
  batchHeaderSchema,
  type Hello,
  type HelloAnswer,
  helloSchema,
  type Lane,
  rowSchema,
  splitBatch,
} from '@hallhub/shared/wire';
import { chainSeed, nextChain, signGap } from '../chain.js';

interface Stream {
  cursor: number;
  chain: Buffer;
  rows: string[];
  gaps: { fromSeq: number; toSeq: number; reason: string }[];
}

/** The cloud's side of docs/protocol.md 1.1 to 1.3, in memory and to the letter. */
export class ModelCloud {
  readonly streams = new Map<string, Stream>();
  readonly #unitId: string;
  readonly #secret: string;
  busy = false;
  reject: BatchAnswer['reason'] | undefined;
  /** What the unit did that the protocol forbids. */
  readonly violations: string[] = [];

  constructor(unitId: string, secret: string) {
    this.#unitId = unitId;
    this.#secret = secret;
  }

  stream(lane: Lane, epoch: string): Stream {
    const key = `${lane}/${epoch}`;
    let stream = this.streams.get(key);
    if (!stream) {
      stream = { cursor: 0, chain: chainSeed(this.#unitId, lane, epoch), rows: [], gaps: [] };
      this.streams.set(key, stream);
    }
    return stream;
  }

  /** All rows of a lane over its epochs, in order of epochs' first use. */
  rows(lane: Lane): string[] {
    return [...this.streams].filter(([key]) => key.startsWith(`${lane}/`)).flatMap(([, stream]) => stream.rows);
  }

  hello(payload: string, now: number): HelloAnswer {
    const hello: Hello = helloSchema.parse(JSON.parse(payload));
    return {
      v: 1,
      connId: hello.connId,
      protocol: 1,
      serverTime: now,
      echoAt: hello.at,
      streams: hello.streams.map(({ lane, epoch }) => {
        const { cursor, chain } = this.stream(lane, epoch);
        return { lane, epoch, cursor, chain: chain.toString('hex') };
      }),
      limits: { maxBatchBytes: 65_536, maxBatchRows: 200 },
    };
  }

  batch(lane: Lane, payload: Uint8Array, now: number): BatchAnswer {
    const parts = splitBatch(payload);
    const header = batchHeaderSchema.parse(JSON.parse(Buffer.from(parts?.head ?? []).toString()));
    if (header.lane !== lane) this.violations.push('the lane of the header is not the lane of the topic');
    const stream = this.stream(lane, header.epoch);
    const answer = (result: BatchAnswer['result'], reason?: BatchAnswer['reason']): BatchAnswer => ({
      v: 1,
      lane,
      epoch: header.epoch,
      result,
      cursor: stream.cursor,
      chain: stream.chain.toString('hex'),
      firstSeq: header.firstSeq,
      serverTime: now,
      retryAfterMs: 300,
      reason,
    });
    if (this.busy) return answer('busy');
    if (this.reject) return answer('rejected', this.reject);
    const lastSeq = header.gap ? header.gap.toSeq : header.firstSeq + header.count - 1;
    if (lastSeq <= stream.cursor) return answer('committed');
    if (header.firstSeq !== stream.cursor + 1 || header.prevChain !== stream.chain.toString('hex'))
      return answer('resync');
    if (header.gap) {
      const { toSeq, reason, signature } = header.gap;
      const { epoch, firstSeq, chain } = header;
      if (signature !== signGap(this.#secret, this.#unitId, { lane, epoch, firstSeq, toSeq, reason, chain })) {
        this.violations.push('a gap with a wrong signature');
        return answer('rejected', 'gap');
      }
      stream.gaps.push({ fromSeq: firstSeq, toSeq, reason });
      stream.cursor = toSeq;
      stream.chain = Buffer.from(chain, 'hex');
      return answer('committed');
    }
    const raw = Buffer.from(parts?.body ?? []);
    const body = header.encoding === 'gzip' ? gunzipSync(raw) : raw;
    if (body.length !== header.bytes || body.length > 65_536) return answer('rejected', 'size');
    const rows = body.toString('utf8').split('\n');
    if (rows.length !== header.count) return answer('rejected', 'count');
    let chain = stream.chain;
    for (const row of rows) chain = nextChain(chain, Buffer.from(row));
    if (chain.toString('hex') !== header.chain) return answer('rejected', 'chain');
    for (const row of rows) {
      const checked = rowSchema.safeParse(JSON.parse(row));
      if (!checked.success) this.violations.push(checked.error.message);
    }
    stream.rows.push(...rows);
    stream.cursor = lastSeq;
    stream.chain = chain;
    return answer('committed');
  }
}
