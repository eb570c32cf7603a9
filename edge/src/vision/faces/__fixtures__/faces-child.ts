import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { comparison } from './comparison.js';

/** In place of the child: what it does is what the path of the person's picture says. */
process.on('message', (raw) => {
  const { id, person, modelsFolder } = raw as { id: number; person: { path: string }; modelsFolder: string };
  const what = person.path.split('/').at(-1);
  if (what === 'crash') {
    process.stderr.write('out of memory\n', () => process.exit(7));
    return;
  }
  if (what === 'throw') throw new Error('no such model');
  if (what === 'hang') return;
  if (what === 'start-another') {
    const { pid } = spawn('sleep', ['60'], { stdio: 'ignore' });
    writeFileSync(`${modelsFolder}/pid.new`, String(pid));
    renameSync(`${modelsFolder}/pid.new`, `${modelsFolder}/pid`);
    return;
  }
  if (what === 'nonsense') process.send?.({ type: 'done', id, comparison: { verdict: 'perhaps' } });
  else if (what === 'bad')
    process.send?.({ type: 'failed', id, error: { code: 'invalid_input', message: 'no picture', picture: 'person' } });
  else process.send?.({ type: 'done', id, comparison: comparison() });
});
process.on('disconnect', () => process.exit());
