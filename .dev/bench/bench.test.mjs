import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { BENCHES, parseBenchOptions } from './options.mjs';
import { jsonOf, linesOf, markdownOf, writeMarkdown } from './report.mjs';

const run = {
  at: '2026-01-02T03:04:05.000Z',
  commit: 'abc1234',
  cpu: 'A CPU, 2 cores',
  memoryGiB: 8,
  system: 'Linux 6.1',
  node: '20.19.0',
  quick: false,
  benches: [
    {
      name: 'outbox',
      seconds: 12,
      othersShare: 0.034,
      figures: [
        { what: 'append', value: 0.62, unit: '×', aim: { atLeast: 0.5 }, detail: 'this | that' },
        { what: 'memory', value: 130, unit: 'MB', aim: { atMost: 120 }, detail: 'x' },
        { what: 'speed', value: null, unit: 'ms', shown: '900/s reached', detail: 'bound by one core' },
      ],
    },
    { name: 'modbus', seconds: 1, othersShare: 0, figures: [], error: 'ended with 1: no port' },
  ],
};

t.test('names and options, and what was meant by a wrong one', async (t) => {
  t.same(parseBenchOptions([]).names, Object.keys(BENCHES));
  t.match(parseBenchOptions(['modbus', '--json', '--quick']), { names: ['modbus'], json: true, quick: true });
  t.match(parseBenchOptions(['vision-accuracy', '--seeds', '4']), { names: ['vision-accuracy'], seeds: 4 });
  t.throws(() => parseBenchOptions(['--seeds']), { message: /1 to 20/ });
  t.throws(() => parseBenchOptions(['modbsu']), { hint: 'Did you mean modbus?' });
  t.throws(() => parseBenchOptions(['--jsom']), { hint: 'Did you mean --json?' });
});

t.test('a table for the terminal says what was met, what was missed and what failed', async (t) => {
  const text = linesOf(run).join('\n');
  t.match(text, /0\.62 × +append +\(aim ≥ 0\.5 ×: met\)/);
  t.match(text, /130 MB +memory +\(aim ≤ 120 MB: missed\)/);
  t.match(text, /900\/s reached +speed\n/);
  t.match(text, /other programs took 3 % of the machine/);
  t.match(text, /failed: ended with 1: no port/);
  t.same(JSON.parse(jsonOf(run)), run);
});

t.test('the page gets a new table between its markers and keeps the rest', async (t) => {
  const root = t.testdir({ docs: {} });
  const page = path.join(root, 'docs/benchmarks.md');
  const around = (table) =>
    `# Page\n\n<!-- bench table: written by npm run bench -- --markdown -->\n${table}\n<!-- end of bench table -->\n\nEnd.\n`;
  fs.writeFileSync(page, around('old'));
  writeMarkdown({ root, run });
  t.equal(fs.readFileSync(page, 'utf8'), around(markdownOf(run)));
  t.match(markdownOf(run), /this \\\| that/);
  fs.writeFileSync(page, '# Page\n');
  t.throws(() => writeMarkdown({ root, run }), { message: /has no place for the table/ });
});
