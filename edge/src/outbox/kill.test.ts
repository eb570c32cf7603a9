import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { ClockSegments, chainSeed, nextChain, nextContent, Outbox } from './index.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
/** Tests run from the source and compiled, and so does what they start. */
const isSource = import.meta.url.endsWith('.ts');
const loader = isSource ? ['--import=tsx', '--conditions=hallhub-source'] : [];
const program = fileURLToPath(new URL(`./__fixtures__/lane-for-ever.${isSource ? 'ts' : 'js'}`, import.meta.url));
const rounds = 6;

interface Line {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly prevChain: string;
  readonly chain: string;
  readonly gap?: string;
  readonly rows: string[];
}

/** Lets the program do so many things and kills it a moment later, wherever it is then. */
const runAndKill = (args: string[], lines: number, delayMs: number): Promise<[number, number][]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...loader, program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    let isDying = false;
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      if (isDying || text.split('\n').length <= lines) return;
      isDying = true;
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error('it ended by itself'));
      const said = text.split('\n').slice(0, -1);
      resolve(said.map((line) => line.split(' ').slice(1).map(Number) as [number, number]));
    });
  });

t.test(
  'kill -9 in appends, acknowledgements, thinning and epochs: once, in order, or told as a gap',
  { timeout: 290_000 },
  async (t) => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-lane-kill-'));
    t.teardown(() => rmSync(dir, { recursive: true, force: true }));
    const cloudFile = path.join(dir, 'cloud');
    const confirmed: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const args = [dir, unitId, cloudFile, String(round * 1_000_000), String(round * 7_919 + 17)];
      for (const [first, last] of await runAndKill(args, 20 + round * 15, (round * 13) % 29))
        for (let n = first; n <= last; n++) confirmed.push(n);
    }
    const store = new Store({ dataDir: dir, clock: systemClock, logger: silentLogger });
    t.teardown(() => store.close());
    t.same(store.damages, []);
    const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
    const outbox = new Outbox({ store, unitId, clock: systemClock, segments, logger: silentLogger });
    const lane = outbox.lane('backlog');
    while (lane.unchained > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const committed: Line[] = readFileSync(cloudFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const last = committed.filter(({ epoch }) => epoch === lane.epoch).at(-1);
    let cursor = last ? { seq: last.lastSeq, chain: Buffer.from(last.chain, 'hex') } : lane.base;
    for (;;) {
      const content = nextContent(lane, cursor, { maxRows: 1_000, maxBytes: 262_144 });
      if (content === 'nothing' || content === 'broken') {
        t.equal(content, 'nothing');
        break;
      }
      const { epoch, firstSeq, lastSeq, gap, count, body } = content;
      const chains = { prevChain: content.prevChain.toString('hex'), chain: content.chain.toString('hex') };
      committed.push({
        epoch,
        firstSeq,
        lastSeq,
        ...chains,
        gap: gap?.reason,
        rows: count ? body.toString().split('\n') : [],
      });
      cursor = { seq: lastSeq, chain: content.chain };
    }
    // The cloud's own checks: each epoch without a hole, each batch by its chain.
    const ends = new Map<string, { seq: number; chain: string }>();
    let [missing, told] = [0, 0];
    const arrived: number[] = [];
    for (const { epoch, firstSeq, lastSeq, prevChain, chain, gap, rows } of committed) {
      const end = ends.get(epoch) ?? { seq: 0, chain: chainSeed(unitId, 'backlog', epoch).toString('hex') };
      if (firstSeq !== end.seq + 1 || prevChain !== end.chain) t.fail(`a batch at ${firstSeq} after ${end.seq}`);
      let reached: Buffer = Buffer.from(prevChain, 'hex');
      for (const row of rows) reached = nextChain(reached, Buffer.from(row));
      if (gap) missing += lastSeq - firstSeq + 1;
      else if (reached.toString('hex') !== chain) t.fail(`the chain of the batch at ${firstSeq}`);
      ends.set(epoch, { seq: lastSeq, chain });
      for (const row of rows) {
        const { kind, values } = JSON.parse(row);
        if (kind === 'sample') arrived.push(values.n);
        else told += 1;
      }
    }
    t.ok(
      arrived.every((n, i) => i === 0 || n > (arrived[i - 1] ?? 0)),
      'in order, none twice',
    );
    const there = new Set(arrived);
    const absent = confirmed.filter((n) => !there.has(n)).length;
    const unconfirmed = arrived.length - (confirmed.length - absent);
    t.ok(absent <= missing, `${absent} confirmed rows are not there, ${missing} are told as gaps`);
    // A group that was on disk and not yet confirmed, and rows that tell of an epoch, may be thinned as well.
    t.ok(missing <= absent + rounds * 40 + told + rounds * 60, 'and no more is told than went');
    t.ok(unconfirmed <= rounds * 40);
    t.comment(
      `${confirmed.length} confirmed, ${arrived.length} arrived, ${missing} in gaps, ${ends.size} epochs, ${rounds} kills`,
    );
  },
);
