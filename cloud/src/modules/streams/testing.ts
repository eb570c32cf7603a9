import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { uuidv7 } from '@hallhub/shared';
import {
  type BatchAnswer,
  type BatchHeader,
  batchAnswerSchema,
  encodeBatch,
  gapSigningText,
  type Heartbeat,
  type HelloAnswer,
  helloAnswerSchema,
  type Lane,
  unitTopics,
} from '@hallhub/shared/wire';
import mqtt, { type MqttClient } from 'mqtt';
import { type Database, withSystem } from '../../db/index.js';
import { hashUnitSecret, makeUnitSecret } from '../fleet/unit-secret.js';
import { chainRows, seedChain } from './stream-chain.js';

export interface TestHall {
  readonly tenantId: string;
  readonly hallId: string;
  readonly unitId: string;
  readonly secret: string;
}

/** A tenant with one hall and one unit, written straight into the tables. */
export const addTestHall = async (database: Database): Promise<TestHall> => {
  const ids = { tenantId: uuidv7(), regionId: uuidv7(), hallId: uuidv7() };
  await withSystem(database, async (tx) => {
    const { tenantId, regionId, hallId } = ids;
    await tx.$client.query('INSERT INTO tenants (id, code, name) VALUES ($1, $2, $3)', [
      tenantId,
      `t${tenantId}`,
      '测试',
    ]);
    await tx.$client.query('INSERT INTO regions (id, tenant_id, code, name) VALUES ($1, $2, $3, $3)', [
      regionId,
      tenantId,
      'r',
    ]);
    await tx.$client.query(
      `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone) VALUES ($1, $2, $3, 'h', '大厅', 'Asia/Shanghai')`,
      [hallId, tenantId, regionId],
    );
  });
  return { ...ids, ...(await addTestUnit(database, ids)) };
};

export const addTestUnit = async (
  database: Database,
  { tenantId, hallId }: { readonly tenantId: string; readonly hallId: string },
): Promise<{ unitId: string; secret: string }> => {
  const unitId = uuidv7();
  const secret = makeUnitSecret();
  await withSystem(database, async (tx) => {
    await tx.$client.query(
      'INSERT INTO units (id, tenant_id, hall_id, name, secret_hash) VALUES ($1, $2, $3, $4, $5)',
      [unitId, tenantId, hallId, '一号单元', hashUnitSecret(secret)],
    );
    await tx.$client.query('INSERT INTO unit_links (unit_id, tenant_id) VALUES ($1, $2)', [unitId, tenantId]);
  });
  return { unitId, secret };
};

/** One lane as a unit keeps it: every row it ever appended, and its chain. */
export class TestStream {
  readonly lane: Lane;
  readonly epoch: string;
  readonly rows: Buffer[] = [];
  readonly chains: Buffer[];
  readonly #unit: { readonly unitId: string; readonly secret: string };

  constructor(unit: { readonly unitId: string; readonly secret: string }, lane: Lane, epoch = '00000000000000a1') {
    this.#unit = unit;
    this.lane = lane;
    this.epoch = epoch;
    this.chains = [seedChain(unit.unitId, lane, epoch)];
  }

  get head(): number {
    return this.rows.length;
  }

  /** Appends objects as JSON, and buffers and strings as they are. */
  append(...rows: (object | string)[]): this {
    for (const row of rows) {
      const bytes = Buffer.isBuffer(row) ? row : Buffer.from(typeof row === 'string' ? row : JSON.stringify(row));
      this.rows.push(bytes);
      this.chains.push(chainRows(this.chains.at(-1)!, [bytes])[0]!);
    }
    return this;
  }

  chainAt(seq: number): string {
    return this.chains[seq]!.toString('hex');
  }

  header(firstSeq: number, count: number, change: Partial<BatchHeader> = {}): BatchHeader {
    const body = this.#body(firstSeq, count);
    return {
      v: 1,
      lane: this.lane,
      epoch: this.epoch,
      firstSeq,
      count,
      prevChain: this.chainAt(firstSeq - 1),
      chain: this.chainAt(firstSeq + count - 1),
      bootId: uuidv7(),
      monoMs: 1_000,
      sentAt: Date.UTC(2026, 0, 1),
      clock: { state: 'trusted', segment: 1, offsetMs: 0 },
      encoding: 'gzip',
      bytes: body.length,
      ...change,
    };
  }

  batch(firstSeq: number, count = this.head - firstSeq + 1, change: Partial<BatchHeader> = {}): Buffer {
    const header = this.header(firstSeq, count, change);
    const body = this.#body(firstSeq, count);
    return Buffer.from(encodeBatch(header, header.encoding === 'gzip' ? gzipSync(body) : body));
  }

  gap(
    firstSeq: number,
    toSeq: number,
    options: { secret?: string; reason?: 'thinned' | 'restored' | 'damaged' } = {},
  ): Buffer {
    const { secret = this.#unit.secret, reason = 'thinned' } = options;
    const chain = this.chainAt(toSeq);
    const text = gapSigningText(this.#unit.unitId, {
      lane: this.lane,
      epoch: this.epoch,
      firstSeq,
      toSeq,
      reason,
      chain,
    });
    const signature = createHmac('sha256', secret).update(text).digest('hex');
    const header = this.header(firstSeq, 0, {
      chain,
      encoding: 'identity',
      bytes: 0,
      gap: { toSeq, count: toSeq - firstSeq + 1, reason, signature },
    });
    return Buffer.from(encodeBatch(header, Buffer.alloc(0)));
  }

  #body(firstSeq: number, count: number): Buffer {
    return Buffer.from(this.rows.slice(firstSeq - 1, firstSeq - 1 + count).join('\n'));
  }
}

/** A unit over a real MQTT connection (mqtt.js), as dumb as can be: it says what the test tells it to. */
export class TestUnit {
  readonly client: MqttClient;
  readonly unitId: string;
  readonly connId: string;
  readonly bootId = uuidv7();
  readonly inbox: { topic: string; body: unknown }[] = [];
  /** How long it waits for an answer; less, where what was said to nobody has to be said again. */
  patienceMs = 60_000;
  readonly #wakers = new Set<() => void>();

  private constructor(client: MqttClient, unitId: string, connId: string) {
    this.client = client;
    this.unitId = unitId;
    this.connId = connId;
    client.on('message', (topic, payload) => {
      this.inbox.push({ topic, body: JSON.parse(payload.toString()) });
      for (const wake of this.#wakers) wake();
    });
  }

  static async connect(
    url: string,
    { unitId, secret }: { readonly unitId: string; readonly secret: string },
    options: { readonly clientId?: string; readonly connId?: string } = {},
  ): Promise<TestUnit> {
    const connId = options.connId ?? uuidv7();
    const client = await mqtt.connectAsync(url, {
      username: unitId,
      password: secret,
      clientId: options.clientId ?? `unit-${connId}`,
      reconnectPeriod: 0,
      connectTimeout: 60_000,
      will: {
        topic: unitTopics.presence(unitId),
        payload: Buffer.from(JSON.stringify({ v: 1, connId, state: 'offline', reason: 'will' })),
        qos: 1,
        retain: false,
      },
    });
    client.on('error', () => {});
    const unit = new TestUnit(client, unitId, connId);
    await client.subscribeAsync(unitTopics.down(unitId), { qos: 1 });
    return unit;
  }

  async hello(streams: readonly TestStream[] = [], change: object = {}): Promise<HelloAnswer> {
    const from = this.inbox.length;
    await this.send(unitTopics.hello(this.unitId), {
      ...{
        v: 1,
        unitId: this.unitId,
        connId: this.connId,
        bootId: this.bootId,
        monoMs: performance.now(),
        at: Date.now(),
      },
      protocol: { min: 1, max: 1 },
      software: '0.1.0-test',
      clock: { state: 'trusted', segment: 1, offsetMs: 0 },
      streams: streams.map(({ lane, epoch, head }) => ({ lane, epoch, oldest: head === 0 ? 0 : 1, head })),
      ...change,
    });
    return helloAnswerSchema.parse(await this.next(unitTopics.downHello(this.unitId), from));
  }

  /** Says hello until somebody answers: a cloud may listen a little later than its broker. */
  async meet(): Promise<void> {
    this.patienceMs = 10_000;
    await until(async () => this.hello().catch(() => undefined));
    this.patienceMs = 60_000;
  }

  async sendBatch(stream: TestStream, payload: Buffer): Promise<BatchAnswer> {
    const from = this.inbox.length;
    await this.client.publishAsync(unitTopics.up(this.unitId, stream.lane), payload, { qos: 1 });
    return batchAnswerSchema.parse(await this.next(unitTopics.downAck(this.unitId), from));
  }

  async heartbeat(change: Partial<Heartbeat> = {}): Promise<void> {
    await this.send(unitTopics.heartbeat(this.unitId), {
      ...{ v: 1, connId: this.connId, at: Date.now(), monoMs: performance.now() },
      clock: { state: 'trusted', segment: 1, offsetMs: 0 },
      streams: [{ lane: 'live', pending: 3, oldestAt: Date.now() }],
      disk: { freeBytes: 1e9 },
      runwayMs: 86_400_000,
      memoryBytes: 5e7,
      devices: { online: 1, offline: 0, quarantined: 0 },
      ...change,
    });
  }

  async send(topic: string, body: unknown): Promise<void> {
    await this.client.publishAsync(topic, JSON.stringify(body), { qos: 1 });
  }

  /** The first message on `topic` that came after `from` messages; fails when its patience is over. */
  next(topic: string, from = 0): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.inbox.slice(from).find((one) => one.topic === topic);
        if (!found) return;
        this.#wakers.delete(look);
        clearTimeout(timer);
        resolve(found.body);
      };
      const timer = setTimeout(() => {
        this.#wakers.delete(look);
        reject(new Error(`nothing came on ${topic}`));
      }, this.patienceMs);
      this.#wakers.add(look);
      look();
    });
  }

  /** Cut off without a goodbye: the broker publishes the will. */
  cut(): void {
    this.client.stream.destroy();
    this.client.end(true);
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** Waits until `look` gives something; fails after `deadlineMs`. */
export const until = async <T>(look: () => Promise<T | undefined | false>, deadlineMs = 60_000): Promise<T> => {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > endMs) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
