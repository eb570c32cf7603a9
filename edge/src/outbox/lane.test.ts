import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import type { Row } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { ClockSegments } from './clock-segments.js';
import { Outbox } from './outbox.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const row: Row = { kind: 'sample', at: 1, deviceId: unitId, values: { power: 1 } };

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-lane-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

const open = (dataDir: string) => {
  const store = new Store({ dataDir, clock: systemClock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
  const limits = { backlog: { maxRows: 1_000, maxBytes: 1_000_000 } };
  const outbox = new Outbox({ store, unitId, clock: systemClock, segments, logger: silentLogger, limits });
  return { store, outbox };
};

const append = ({ store, outbox }: ReturnType<typeof open>, count: number): Promise<void> =>
  store.telemetry.commit.write((tx) => {
    for (let i = 0; i < count; i++) outbox.append(tx, 'backlog', row);
  });

t.test('what a lane knows of itself survives the thinning in the same commit', async (t) => {
  const dir = folder(t);
  const first = open(dir);
  await append(first, 1_010);
  const { rows, bytes, gaps } = first.outbox.lane('backlog');
  t.equal(rows, 980);
  first.store.close();
  const second = open(dir);
  t.teardown(() => second.store.close());
  t.match(second.outbox.lane('backlog'), { rows, bytes, gaps });
});

t.test('the files are for the agent’s own user alone', async (t) => {
  const dir = folder(t);
  const opened = open(dir);
  t.teardown(() => opened.store.close());
  await append(opened, 1);
  for (const file of ['hub.db', 'hub.db-wal', 'telemetry.db', 'telemetry.db-wal']) {
    t.equal((statSync(path.join(dir, file)).mode & 0o777).toString(8), '600', file);
  }
});
