import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./models-process.mjs', import.meta.url));

/** Kept in the clone, for all data folders and for tests and benches. */
export const modelCache = (root) => path.join(root, 'node_modules/.cache/hallhub-models');

/**
 * Brings the models that look at pictures to a unit's folder: out of the clone's cache, which is filled from the network once. `onText`: what is being
 * done. Resolves `{ brought }`, or `{ failed: { message, hint } }`: a hall without them works but for its cameras' eyes.
 */
export function bringModels({ root, folder, onText = () => {}, signal, processScript = script }) {
  if (missingModels({ root, folder }).length === 0) return Promise.resolve({ brought: 0 });
  return new Promise((resolve) => {
    let result;
    const child = fork(processScript, [root, modelCache(root), folder], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      said = (said + chunk).slice(-2000);
    });
    child.on('message', (message) => {
      if (message.type === 'text') onText(message.text);
      else result = message;
    });
    child.once('error', (error) => {
      said += error.message;
    });
    child.once('close', (code) => {
      if (result?.type === 'brought') return resolve({ brought: result.count });
      if (result?.type === 'failed') return resolve({ failed: { message: result.message, hint: result.hint } });
      resolve({ failed: { message: said.trim().split('\n').pop() || `it ended with ${code}`, hint: '' } });
    });
  });
}

/** Ids of the catalogue's models that the unit's folder lacks; optional ones come only to who names them. */
export function missingModels({ root, folder }) {
  const cards = path.join(root, 'edge/models');
  const ids = fs
    .readdirSync(cards)
    .filter(
      (name) => name.endsWith('.yaml') && !/^optional: true$/m.test(fs.readFileSync(path.join(cards, name), 'utf8')),
    )
    .map((name) => name.slice(0, -'.yaml'.length));
  return ids.filter((id) => !fs.existsSync(path.join(folder, `${id}.onnx`)));
}
