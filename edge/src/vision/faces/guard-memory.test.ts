import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loaderArguments } from '../process/loader-arguments.js';
import { guardMemory } from './guard-memory.js';

t.test('a process with pictures is not dumped, and the first to go', async (t) => {
  const folder = t.testdir({ coredump_filter: '', oom_score_adj: '' });
  guardMemory(folder);
  t.equal(readFileSync(path.join(folder, 'coredump_filter'), 'utf8'), '0');
  t.equal(readFileSync(path.join(folder, 'oom_score_adj'), 'utf8'), '1000');
  t.doesNotThrow(() => guardMemory(path.join(folder, 'none')), 'without such switches everything works');
});

t.test(
  'the system takes it, also for what is started then',
  { skip: !existsSync('/proc/self/coredump_filter') },
  async (t) => {
    const module = fileURLToPath(new URL(`./guard-memory${path.extname(import.meta.url)}`, import.meta.url));
    const code = `import { guardMemory } from ${JSON.stringify(module)}; import { execFileSync } from 'node:child_process';
    guardMemory(); process.stdout.write(execFileSync('cat', ['/proc/self/coredump_filter', '/proc/self/oom_score_adj']));`;
    const args = [...loaderArguments(process.execArgv), '--input-type=module', '-e', code];
    t.equal(execFileSync(process.execPath, args, { encoding: 'utf8' }), '00000000\n1000\n');
  },
);
