import { createHash, hash, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { uuidv7 } from '@hallhub/shared';
import { type BatchAnswer, chainSeedText, encodeBatch, type HelloAnswer, unitTopics } from '@hallhub/shared/wire';
import { type LineOptions, MqttLine } from './mqtt-line.js';

const gzipAsync = promisify(gzip);

/** One unit as the generators are given it. */
export interface UnitCard {
  readonly unitId: string;
  readonly deviceIds: readonly string[];
  readonly secret?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca?: string | undefined;
}

type Lane = 'live' | 'backlog';

interface LaneState {
  readonly epoch: string;
  seq: number;
  chain: Buffer;
  waiting: ((answer: BatchAnswer) => void) | undefined;
}

const bootId = uuidv7();
const answerTimeoutMs = 15_000;
const gzipFromBytes = 1_024;

/** What a unit says over the wire (docs/protocol.md 1), with real chains and one batch in flight a lane; it keeps nothing. */
export class LoadUnit {
  readonly card: UnitCard;
  readonly #target: Target;
  readonly #localAddress: string | undefined;
  readonly #lanes = new Map<Lane, LaneState>();
  #line: MqttLine | undefined;
  #connId = '';
  #hello: ((answer: HelloAnswer) => void) | undefined;

  constructor(card: UnitCard, target: Target, localAddress?: string) {
    this.card = card;
    this.#target = target;
    this.#localAddress = localAddress;
  }

  get connected(): boolean {
    return this.#line !== undefined;
  }

  /** Connects, subscribes and says hello; resolves with the answer to it. */
  async connect(): Promise<void> {
    const { unitId, secret, cert, key } = this.card;
    const { host, port, ca } = this.#target;
    this.#connId = uuidv7();
    const options: LineOptions = {
      ...{ host, port, localAddress: this.#localAddress, clientId: unitId, userName: unitId, password: secret },
      tls: cert && key && ca ? { cert, key, ca } : undefined,
      filter: unitTopics.down(unitId),
      onMessage: (topic, payload) => this.#take(topic, payload),
      onClose: () => {
        this.#line = undefined;
      },
    };
    const line = await MqttLine.open(options);
    this.#line = line;
    const answered = new Promise<HelloAnswer>((resolve) => {
      this.#hello = resolve;
    });
    for (let attempt = 0; attempt < 3; attempt++) {
      line.publish(unitTopics.hello(unitId), JSON.stringify(this.#helloMessage()));
      if (await within(answered, 10_000)) return;
    }
    line.cut();
    throw new Error('no answer to hello');
  }

  heartbeat(): void {
    const message = {
      ...{ v: 1, connId: this.#connId, at: Date.now(), monoMs: performance.now(), clock },
      streams: [{ lane: 'live', pending: 0, oldestAt: null }],
      ...{ disk: { freeBytes: 1e10 }, runwayMs: 8.64e7, memoryBytes: 1.2e8 },
      devices: { online: this.card.deviceIds.length, offline: 0, quarantined: 0 },
    };
    this.#line?.publish(unitTopics.heartbeat(this.card.unitId), JSON.stringify(message));
  }

  /** Sends rows as the stream's next batch, again until it is committed; false where the line is gone. */
  async commit(lane: Lane, rows: readonly string[], stopped: () => boolean = () => false): Promise<boolean> {
    const state = this.#lane(lane);
    const body = Buffer.from(rows.join('\n'), 'utf8');
    const prevChain = state.chain;
    let chain = prevChain;
    for (const row of rows) chain = hash('sha256', Buffer.concat([chain, Buffer.from(row, 'utf8')]), 'buffer');
    const packed = body.length >= gzipFromBytes ? await gzipAsync(body, { level: 1 }) : undefined;
    const now = Date.now();
    const header = {
      ...{ v: 1 as const, lane, epoch: state.epoch, firstSeq: state.seq + 1, count: rows.length },
      ...{ prevChain: prevChain.toString('hex'), chain: chain.toString('hex'), bootId, monoMs: performance.now() },
      ...{ sentAt: now, hour: now - (now % 3_600_000), clock, bytes: body.length },
      encoding: packed ? ('gzip' as const) : ('identity' as const),
    };
    const payload = encodeBatch(header, packed ?? body);
    while (this.#line && !stopped()) {
      const answer = await this.#ask(lane, state, payload);
      if (answer?.result === 'committed' && answer.cursor >= state.seq + rows.length) {
        state.seq += rows.length;
        state.chain = chain;
        return true;
      }
      if (answer && answer.result !== 'busy' && answer.result !== 'committed')
        throw new Error(`a batch was answered ${JSON.stringify(answer)}`);
      if (answer) await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs));
    }
    return false;
  }

  cut(): void {
    this.#line?.cut();
  }

  #ask(lane: Lane, state: LaneState, payload: Uint8Array): Promise<BatchAnswer | undefined> {
    const answered = new Promise<BatchAnswer>((resolve) => {
      state.waiting = resolve;
    });
    this.#line?.publish(unitTopics.up(this.card.unitId, lane), payload);
    return within(answered, answerTimeoutMs);
  }

  #lane(lane: Lane): LaneState {
    const known = this.#lanes.get(lane);
    if (known) return known;
    const epoch = randomBytes(8).toString('hex');
    const seed = chainSeedText(this.card.unitId, lane, epoch);
    const made = { epoch, seq: 0, chain: createHash('sha256').update(seed).digest(), waiting: undefined };
    this.#lanes.set(lane, made);
    return made;
  }

  #helloMessage(): object {
    return {
      ...{ v: 1, unitId: this.card.unitId, connId: this.#connId, bootId, monoMs: performance.now(), at: Date.now() },
      ...{ protocol: { min: 1, max: 1 }, software: 'load', clock },
      streams: (['live', 'backlog'] as const).map((lane) => {
        const { epoch, seq } = this.#lane(lane);
        return { lane, epoch, oldest: 0, head: seq };
      }),
    };
  }

  #take(topic: string, payload: Buffer): void {
    if (topic.endsWith('/down/ack')) {
      const answer = JSON.parse(payload.toString('utf8')) as BatchAnswer;
      const state = this.#lanes.get(answer.lane as Lane);
      if (answer.epoch !== state?.epoch || answer.firstSeq !== state.seq + 1) return;
      state.waiting?.(answer);
    } else if (topic.endsWith('/down/hello')) {
      const answer = JSON.parse(payload.toString('utf8')) as HelloAnswer;
      if (answer.connId === this.#connId) this.#hello?.(answer);
    }
  }
}

const clock = { state: 'trusted' as const, segment: 1, offsetMs: 0 };

const within = async <T>(promise: Promise<T>, ms: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
