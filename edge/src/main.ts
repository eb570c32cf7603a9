import './small-heap.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { HubError, systemClock, toHubError } from '@hallhub/shared';
import { adapterFactories } from './adapters/index.js';
import { Agent } from './agent.js';
import { supervise } from './process-contract.js';

const software = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

const usage = 'node edge/dist/main.js --data DIR [--config FILE]';

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  console.log(`The agent of a unit.\n\n  ${usage}\n
  --data DIR      where the unit keeps everything (./data/edge)
  --config FILE   its configuration (DIR/edge.yaml); docs/engineer.md shows one`);
  process.exit(0);
}

const options = (): { dataDir: string; configFile: string | undefined } => {
  try {
    const { values } = parseArgs({ options: { data: { type: 'string' }, config: { type: 'string' } } });
    return {
      dataDir: path.resolve(values.data ?? './data/edge'),
      configFile: values.config && path.resolve(values.config),
    };
  } catch (cause) {
    throw new HubError('configuration', (cause as Error).message, {
      cause,
      hint: usage,
    });
  }
};

await supervise({
  make: (hooks) => {
    const { dataDir, configFile } = options();
    return new Agent({ dataDir, configFile, clock: systemClock, software, adapterFactories, ...hooks });
  },
  describeError: toHubError,
});
