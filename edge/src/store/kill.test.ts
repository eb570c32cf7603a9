import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { chainSeed } from '../outbox/chain.js';
import { ClockSegments, nextChain, Outbox } from '../outbox/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from './store.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
/** Tests run from the source and compiled, and so does what they start. */
const isSource = import.meta.url.endsWith('.ts');
const loader = isSource ? ['--import=tsx', '--conditions=hallhub-source'] : [];
const program = fileURLToPath(new URL(`./__fixtures__/append-for-ever.${isSource ? 'ts' : 'js'}`, import.meta.url));

/** Lets the child acknowledge this many rows, then kills it as a power cut would. */
const runAndKill = (dir: string, rows: number): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...loader, program, dir, unitId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      if (text.split('\n').length > rows) child.kill('SIGKILL');
    });
    child.on('error', reject);
    // The last line may be cut in the middle.
    child.on('close', () => resolve(text.split('\n').slice(0, -1)));
  });

t.test(
  'what was acknowledged is there after kill -9, in order, with a whole chain',
  { timeout: 290_000 },
  async (t) => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-kill-'));
    t.teardown(() => rmSync(dir, { recursive: true, force: true }));
    const said = [...(await runAndKill(dir, 300)), ...(await runAndKill(dir, 700))];
    t.ok(said.length >= 900);
    const store = new Store({ dataDir: dir, clock: systemClock, logger: silentLogger });
    t.teardown(() => store.close());
    t.same(store.damages, []);
    const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
    const outbox = new Outbox({ store, unitId, clock: systemClock, segments, logger: silentLogger });
    for (const lane of ['events', 'backlog'] as const) {
      const stored = outbox.lane(lane);
      const rows = new Map([...stored.read(1, 1_000_000)].map((row) => [row.seq, row]));
      t.equal(rows.size, stored.rows);
      t.equal(stored.head.seq, rows.size);
      for (const line of said.filter((one) => one.startsWith(`${lane} `))) {
        const [, seq, ...body] = line.split(' ');
        if (rows.get(Number(seq))?.body.toString() !== body.join(' ')) t.fail(`lost: ${line}`);
      }
      let chain = chainSeed(unitId, lane, stored.epoch);
      for (const row of rows.values()) {
        chain = nextChain(chain, row.body);
        if (!chain.equals(row.chain)) t.fail(`the chain breaks at ${row.seq}`);
      }
      t.ok(chain.equals(stored.head.chain));
    }
  },
);
