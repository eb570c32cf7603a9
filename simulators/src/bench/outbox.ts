import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import type { SampleRow } from '@hallhub/shared/wire';
import { ClockSegments, type Cursor, nextContent, Outbox } from '../../../edge/src/outbox/index.js';
import { silentLogger } from '../../../edge/src/ports/index.js';
import { Store } from '../../../edge/src/store/index.js';
import { openDatabase } from '../../../edge/src/store/open-database.js';
import { digits, runBench } from './bench-run.js';
import { meterRows } from './meter-rows.js';
import { median } from './statistics.js';

/** Rows that share one commit, as a busy hall's do within 10 ms. */
const groupRows = 100;
const drainRows = 1_000;
const drainBytes = 262_144;
const lane = 'backlog';

interface Timing {
  readonly wallS: number;
  readonly cpuS: number;
}

const timed = async (work: () => Promise<void>): Promise<Timing> => {
  const [cpu, startMs] = [process.cpuUsage(), performance.now()];
  await work();
  const used = process.cpuUsage(cpu);
  return { wallS: (performance.now() - startMs) / 1_000, cpuS: (used.user + used.system) / 1_000_000 };
};

/** The unit's outbox as the agent uses it: chain, seals and limits included; what is drained is checked and then acknowledged. */
const withOutbox = async (dir: string, groups: readonly (readonly SampleRow[])[]): Promise<Timing> => {
  const store = new Store({ dataDir: dir, clock: systemClock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId: uuidv7(), clock: systemClock, segments, logger: silentLogger });
  const commit = outbox.commitOf(lane);
  try {
    return await timed(async () => {
      for (const group of groups) {
        const written = group.map((row) => outbox.write(lane, row));
        commit.flush();
        await Promise.all(written);
      }
      let cursor: Cursor = { ...outbox.lane(lane).base };
      for (;;) {
        const content = nextContent(outbox.lane(lane), cursor, { maxRows: drainRows, maxBytes: drainBytes });
        if (content === 'broken') throw new Error('the outbox lost rows');
        if (content === 'nothing') break;
        cursor = { seq: content.lastSeq, chain: content.chain };
        const gone = outbox.acknowledge(lane, cursor.seq, cursor.chain);
        commit.flush();
        await gone;
      }
    });
  } finally {
    store.close();
  }
};

/** What nobody can do with less: the same rows as JSON into one table of a file opened in the same way, and out again. */
const withBareSqlite = async (dir: string, groups: readonly (readonly SampleRow[])[]): Promise<Timing> => {
  const { db } = openDatabase(join(dir, 'bare.db'), [
    { version: 1, sql: 'CREATE TABLE bare (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT' },
  ]);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const insert = db.prepare('INSERT INTO bare (at, body) VALUES (?, ?)');
  const select = db.prepare('SELECT seq, body FROM bare ORDER BY seq LIMIT ?');
  const remove = db.prepare('DELETE FROM bare WHERE seq <= ?');
  try {
    return await timed(async () => {
      for (const group of groups) {
        begin.run();
        for (const row of group) insert.run(row.at, Buffer.from(JSON.stringify(row)));
        commit.run();
      }
      for (;;) {
        const rows = select.all(drainRows) as { seq: number; body: Buffer }[];
        const last = rows.at(-1);
        if (!last) break;
        Buffer.concat(rows.map(({ body }) => body));
        begin.run();
        remove.run(last.seq);
        commit.run();
      }
    });
  } finally {
    db.close();
  }
};

await runBench(async ({ progress, quick }) => {
  const rounds = quick ? 3 : 9;
  const total = quick ? 5_000 : 20_000;
  const rows = meterRows(total);
  const groups = Array.from({ length: Math.ceil(total / groupRows) }, (_, i) =>
    rows.slice(i * groupRows, (i + 1) * groupRows),
  );
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-bench-outbox-'));
  const pairs: { outbox: Timing; bare: Timing }[] = [];
  try {
    for (let round = -1; round < rounds; round++) {
      const dir = mkdtempSync(join(folder, 'round-'));
      const bareFirst = round % 2 === 0;
      const early = bareFirst ? await withBareSqlite(dir, groups) : undefined;
      const outbox = await withOutbox(dir, groups);
      const bare = early ?? (await withBareSqlite(dir, groups));
      rmSync(dir, { recursive: true, force: true });
      // The first round warms both sides up.
      if (round < 0) continue;
      pairs.push({ outbox, bare });
      progress(`round ${round + 1} of ${rounds}: ${(bare.wallS / outbox.wallS).toFixed(2)} of bare SQLite`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const perSecond = (side: 'outbox' | 'bare') => digits(total / median(pairs.map((pair) => pair[side].wallS)));
  const cpuShare = (side: 'outbox' | 'bare') =>
    Math.round(100 * median(pairs.map((pair) => pair[side].cpuS / pair[side].wallS)));
  return [
    {
      what: 'append and drain, against bare SQLite',
      value: Number(median(pairs.map(({ outbox, bare }) => bare.wallS / outbox.wallS)).toFixed(2)),
      unit: '×',
      aim: { atLeast: 0.5 },
      detail: `${perSecond('outbox')} rows/s against ${perSecond('bare')}, ${groupRows} rows a commit; CPU busy ${cpuShare('outbox')} % of that time against ${cpuShare('bare')} %, the rest is waiting for the disk`,
    },
  ];
});
