import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { openDatabase } from '../../../../cloud/src/db/index.js';
import { silentLogger as logger } from '../../../../cloud/src/db/logger.js';
import { exchangeKind, exchangeMapping } from '../../e2e/exchange/exchange-kind.js';
import { hubPeople } from '../../e2e/exchange/hub-people.js';
import { waitUntil } from '../../e2e/wait-until.js';
import { Platform12345 } from '../../peers/platform-12345/platform.js';
import { platformPeople } from '../../peers/platform-12345/platform-people.js';
import { seededRandom } from '../../random.js';
import { openDrillBroker } from '../drill/drill-broker.js';
import { openDrillDatabase } from '../drill/drill-database.js';
import { compareEnds, type Query } from './compare-ends.js';
import type { ExchangeResult } from './exchange-result.js';
import { hubDesk, postOnce } from './hub-desk.js';
import { Kept } from './kept.js';
import { TwoClouds } from './two-clouds.js';

export interface ExchangeOptions {
  /** Tickets each way. */
  readonly each: number;
  readonly seed: number;
  readonly built: boolean;
  readonly killEveryMs: number;
  /** No more tickets are made after that long. */
  readonly makeForMs: number;
  /** Without faults: what the exchange carries. */
  readonly isCalm: boolean;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal;
}

const faults = {
  ...{
    loseRequest: 0.04,
    loseAnswer: 0.06,
    serverError: 0.06,
    unsignedAnswer: 0.03,
    sendTwice: 0.06,
    sendOldAgain: 0.06,
  },
  ...{ sendEarly: 0.15, wrongSignature: 0.04, lateShare: 0.08, lateMs: 400, loseOwnAnswer: 0.06, cutUpload: 0.15 },
  loseFile: 0.1,
};
/** Made at a time, each way. */
const wave = 50;

/** Tickets both ways between two cloud processes and a platform while everything goes wrong; then both books, line by line. */
export const runExchange = async (options: ExchangeOptions): Promise<ExchangeResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-exchange-'));
  chmodSync(folder, 0o755);
  await using kept = new Kept();
  kept.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { say } = options;
  let { each } = options;
  const random = seededRandom(options.seed);
  const server = kept.use(await openDrillDatabase(join(folder, 'postgres')));
  const broker = kept.use(await openDrillBroker(join(folder, 'broker')));
  mkdirSync(folder, { recursive: true });
  const clouds = kept.use(
    await TwoClouds.open({ folder, databaseUrl: server.url, brokerPort: broker.port, built: options.built }),
  );
  const database = await openDatabase({ dataDir: folder, databaseUrl: server.url, logger });
  kept.defer(() => database.close());
  const query: Query = async (sql, values = []) => (await database.ownerPool.query(sql, values)).rows as never;
  const works = await makeGround(query);
  const platform = kept.use(await Platform12345.open({ seed: options.seed, retryMs: 100 }));
  const channelId = await connect(clouds, platform);
  say('two cloud processes and a platform stand');

  platform.behaviour = platformPeople(
    { returns: 0.1, asksExtension: 0.15, rework: 0.15, cancels: 0.08, reminds: 0.15, insists: 0.5 },
    random,
  );
  platform.judgeFile = (name) => (name.startsWith('refuse') ? 'invalid' : undefined);
  let refused = '';
  const onRefused = (text: string) => {
    refused = text;
  };
  const desk = hubDesk({ clouds, works, query, onRefused });
  const work = hubPeople(desk, { refuses: 0.1, asksExtension: 0.15, rework: 0.15 }, random);
  const troublesMade: Record<string, number> = {};
  const startMs = performance.now();
  const trouble = new AbortController();
  const troubles = options.isCalm
    ? undefined
    : makeTrouble({ made: troublesMade, ...options, clouds, platform, random, signal: trouble.signal });
  let made = 0;
  const isOver = () => [...platform.tickets.values()].every(({ state }) => state === 'closed' || state === 'cancelled');
  const counts = async () => {
    const [row] = await query<{ hub: number; waiting: number; failed: number }>(
      `SELECT (SELECT count(*)::int FROM exchange_tickets) AS hub, count(*) FILTER (WHERE state = 'waiting')::int AS waiting,
         count(*) FILTER (WHERE state = 'failed')::int AS failed FROM exchange_messages WHERE state IN ('waiting', 'failed')`,
    );
    return row ?? { hub: 0, waiting: 0, failed: 0 };
  };
  let saidMs = startMs;
  let isTrouble = troubles !== undefined;
  await waitUntil(
    'the tickets’ end',
    async () => {
      options.signal?.throwIfAborted();
      const open = [...platform.tickets.values()].filter(
        ({ state }) => state !== 'closed' && state !== 'cancelled',
      ).length;
      if (made < each && performance.now() - startMs > options.makeForMs) {
        each = made;
        say(`no more are made: ${each} each way`);
      }
      if (made < each && open < 4 * wave) {
        const next = Math.min(wave, each - made);
        const from = made;
        made += next;
        await makeWave({ clouds, platform, from, count: next });
      }
      const did = await work();
      const now = await counts();
      if (performance.now() - saidMs > 10_000) {
        saidMs = performance.now();
        say(
          `${made} each way made, ${platform.tickets.size} at the platform, ${open} open, ${did} acts of people, ${now.waiting} waiting, ${now.failed} failed; ${refused}`,
        );
      }
      // The last tickets find no end while everything breaks.
      if (isTrouble && made === each && platform.tickets.size >= 2 * each && open < Math.max(10, each / 20)) {
        isTrouble = false;
        trouble.abort();
        await troubles?.catch(() => undefined);
        platform.faults.clear();
        say('the faults are over');
      }
      return (
        made === each &&
        !isTrouble &&
        did === 0 &&
        platform.isIdle &&
        now.waiting === 0 &&
        platform.tickets.size >= 2 * each &&
        isOver()
      );
    },
    {
      onError: (error) => say(`went wrong: ${error instanceof Error ? error.message : String(error)}`.slice(0, 600)),
      withinMs: 300_000 + each * 2_000,
      everyMs: 50,
      seen: () => `${platform.tickets.size} tickets\n${clouds.logs()}`,
    },
  ).finally(() => trouble.abort());
  const seconds = (performance.now() - startMs) / 1_000;
  say('all tickets ended; both books are read');
  const compared = await postOnce<{ state: string; different: number; underWay: number }>(
    clouds,
    `/exchange-channels/${channelId}/comparisons`,
    {},
  );
  const ends = await compareEnds({ query, platform });
  const acts = ends.fromHub + ends.fromPlatform;
  return {
    ...{ seed: options.seed, each, seconds, ...ends, comparison: compared.state, underWay: compared.underWay },
    faults: { ...platform.faults.counts, 'kill -9 of a cloud process': clouds.kills, ...troublesMade },
    perSecond: acts / seconds,
  };
};

interface Trouble {
  readonly clouds: TwoClouds;
  readonly platform: Platform12345;
  readonly random: () => number;
  readonly killEveryMs: number;
  /** How often each was made. */
  readonly made: Record<string, number>;
  readonly signal: AbortSignal;
}

/** Shares of everything all the time; in turn either process killed, the platform away, its clock wrong. */
const makeTrouble = async ({ clouds, platform, random, killEveryMs, made, signal }: Trouble): Promise<void> => {
  const count = (name: string) => {
    made[name] = (made[name] ?? 0) + 1;
  };
  platform.faults.set(faults);
  platform.clockOffMs = -11 * 60_000;
  for (let round = 0; !signal.aborted; round++) {
    await systemClock.sleep(killEveryMs * (0.5 + random()), signal).catch(() => undefined);
    if (signal.aborted) return;
    if (round % 3 === 1) {
      count('platform away for seconds');
      await platform.goDown();
      await systemClock.sleep(3_000 + random() * 3_000);
      await platform.comeBack();
    } else if (round % 3 === 2) {
      count('clock jumped');
      platform.clockOffMs = Math.round((random() - 0.5) * 40 * 60_000);
    } else {
      await clouds.killOne(round);
    }
  }
};

/** An organisation with an office that stands for the platform, one that works, and the kind of ticket. */
const makeGround = async (query: Query): Promise<string> => {
  const [tenant] = await query<{ id: string }>('SELECT id FROM tenants ORDER BY created_at LIMIT 1');
  const [user] = await query<{ id: string }>('SELECT id FROM users ORDER BY created_at LIMIT 1');
  const tenantId = tenant?.id;
  const works = uuidv7();
  const office = 'INSERT INTO offices (id, tenant_id, code, name) VALUES ($1, $2, $3, $4)';
  await query(office, [works, tenantId, 'works', '承办处']);
  await query(office, [uuidv7(), tenantId, 'platform_12345', '12345 平台']);
  await query('INSERT INTO office_members (tenant_id, office_id, user_id, is_leader) VALUES ($1, $2, $3, true)', [
    ...[tenantId, works, user?.id],
  ]);
  const { code } = exchangeKind;
  await query('INSERT INTO ticket_kinds (tenant_id, code) VALUES ($1, $2)', [tenantId, code]);
  await query(
    `INSERT INTO ticket_kind_versions (tenant_id, code, version, document, published_by_name) VALUES ($1, $2, 1, $3, '实测')`,
    [tenantId, code, JSON.stringify(exchangeKind)],
  );
  await query('UPDATE ticket_kinds SET published_version = 1 WHERE tenant_id = $1 AND code = $2', [tenantId, code]);
  return works;
};

const connect = async (clouds: TwoClouds, platform: Platform12345): Promise<string> => {
  const made = await clouds.api.post<{ channel: { id: string; ourPath: string }; keyId: string; secret: string }>(
    '/exchange-channels',
    { code: 'city-12345', name: '市 12345', partner: '12345', baseUrl: platform.url, mapping: exchangeMapping },
  );
  const { keyId, secret, channel } = made;
  platform.connect({
    keyId,
    secret,
    get url() {
      return `${clouds.address}${channel.ourPath}`;
    },
  });
  return channel.id;
};

const picture = () => Buffer.concat([Buffer.from('ffd8ffe000104a46494600', 'hex'), randomBytes(3_000)]);

/** So many tickets each way; every fourth with a photo, and one in twenty of those the other end does not take. */
const makeWave = async (of: {
  readonly clouds: TwoClouds;
  readonly platform: Platform12345;
  readonly from: number;
  readonly count: number;
}): Promise<void> => {
  const { clouds, platform } = of;
  const numbers = Array.from({ length: of.count }, (_, i) => of.from + i);
  for (const i of numbers) {
    const isBad = i % 80 === 4;
    const bytes = isBad ? Buffer.from(`MZ${i}`) : picture();
    const files = i % 4 === 0 ? [platform.addFile(isBad ? `程序${i}.exe` : `../现场:${i}.jpg`, bytes)] : [];
    platform.dispatch({ title: `诉求 ${i}`, text: '东门外', level: i % 3 === 0 ? '急' : '普通', files });
  }
  const queue = [...numbers];
  const make = async () => {
    for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
      const photos = i % 4 === 0 ? [await sendAhead(clouds, i % 80 === 4 ? `refuse ${i}.jpg` : `现场${i}.jpg`)] : [];
      await postOnce(clouds, '/tickets', {
        kind: 'exchange_try',
        fields: { title: `转办 ${i}`, content: '请协助', outside: true, ...(photos.length > 0 ? { photos } : {}) },
      });
    }
  };
  await Promise.all(Array.from({ length: 6 }, make));
};

const sendAhead = async (clouds: TwoClouds, name: string): Promise<string> => {
  const body = picture();
  for (let tries = 0; ; tries++) {
    const { origin, cookie } = clouds.api;
    try {
      const answer = await fetch(`${origin}/api/v1/ticket-files?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { origin, cookie, 'content-type': 'application/octet-stream' },
        body,
        signal: AbortSignal.timeout(20_000),
      });
      if (answer.status === 201) return ((await answer.json()) as { id: string }).id;
      if (tries > 60) throw new Error(`a file was answered ${answer.status}: ${await answer.text()}`);
    } catch (error) {
      if (tries > 60) throw error;
    }
    await systemClock.sleep(250);
  }
};
