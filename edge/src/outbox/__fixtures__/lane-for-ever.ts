import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { silentLogger } from '../../ports/index.js';
import { Store } from '../../store/index.js';
import { ClockSegments, nextContent, Outbox } from '../index.js';

/**
 * Does to a lane whatever can be done to it, in random order, until it is killed. `cloudFile` plays the cloud: a batch that stands there is
 * committed. Says on standard output which rows were acknowledged to whoever wrote them: `+ first last`.
 */
const [dir = '', unitId = '', cloudFile = '', from = '0', seed = '1'] = process.argv.slice(2);
const store = new Store({ dataDir: dir, clock: systemClock, logger: silentLogger });
const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
const outbox = new Outbox({ store, unitId, clock: systemClock, segments, logger: silentLogger });
await outbox.adopt(unitId);
const lane = outbox.lane('backlog');
const commit = outbox.commitOf('backlog');
const cloud = openSync(cloudFile, 'a');

/** Hello: what the cloud has of this epoch. A line that was cut was never committed. */
const lines = existsSync(cloudFile) ? readFileSync(cloudFile, 'utf8').split('\n').slice(0, -1) : [];
const known = lines
  .map((line) => JSON.parse(line))
  .filter(({ epoch }) => epoch === lane.epoch)
  .at(-1);
let cursor = known ? { seq: known.lastSeq, chain: Buffer.from(known.chain, 'hex') } : lane.base;

let state = Number(seed);
const random = (below: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((state / 2_147_483_648) * below);
};
const now = async <T>(done: Promise<T>): Promise<T> => {
  commit.flush();
  return done;
};

/** The cloud commits first, then the unit hears of it: a kill in between leaves them apart. */
const deliver = async (): Promise<void> => {
  if (cursor.seq > lane.base.seq) await now(outbox.acknowledge('backlog', cursor.seq, cursor.chain));
  const content = nextContent(lane, cursor, { maxRows: 1 + random(200), maxBytes: 65_536 });
  if (content === 'nothing') return;
  if (content === 'broken') throw new Error('rows are missing');
  const { epoch, firstSeq, lastSeq, gap, body } = content;
  const rows = content.count === 0 ? [] : body.toString().split('\n');
  const prevChain = content.prevChain.toString('hex');
  const line = { epoch, firstSeq, lastSeq, prevChain, chain: content.chain.toString('hex'), gap: gap?.reason, rows };
  writeSync(cloud, `${JSON.stringify(line)}\n`);
  cursor = { seq: lastSeq, chain: content.chain };
  await now(outbox.acknowledge('backlog', cursor.seq, cursor.chain));
};

let n = Number(from);
process.on('exit', () => closeSync(cloud));
for (;;) {
  const what = random(100);
  if (what < 60) {
    const [first, count] = [n, 1 + random(40)];
    n += count;
    await now(
      commit.write((tx) => {
        for (let i = 0; i < count; i++)
          outbox.append(tx, 'backlog', { kind: 'sample', at: 1, deviceId: unitId, values: { n: first + i } });
      }),
    );
    process.stdout.write(`+ ${first} ${first + count - 1}\n`);
  } else if (what < 85) {
    await deliver();
  } else if (what < 93) {
    const rows = 1 + random(60);
    await now(commit.write((tx) => lane.thin(tx, 0, { rows, bytes: 0 }, 1)));
  } else if (what < 96) {
    // As a rollback found by hello: only what the cloud does not have is numbered anew.
    if (cursor.seq > lane.base.seq) await now(outbox.acknowledge('backlog', cursor.seq, cursor.chain));
    await now(outbox.openNewEpoch('backlog', 'rollback'));
    cursor = lane.base;
  } else {
    store.giveBackSpace().catch(() => undefined);
  }
  await new Promise((resolve) => setImmediate(resolve));
}
