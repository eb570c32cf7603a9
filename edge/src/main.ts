import './small-heap.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { HubError, systemClock, toHubError } from '@hallhub/shared';
import { adapterFactories } from './adapters/index.js';
import { Agent } from './agent.js';
import { prepareIdentity } from './identity/prepare-identity.js';
import { supervise } from './process-contract.js';

const software = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

const usage = 'node edge/dist/main.js --data DIR [--config FILE] [--enrol CODE --cloud URL]';

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  console.log(`The agent of a unit.\n\n  ${usage}\n
  --data DIR      where the unit keeps everything (./data/edge)
  --config FILE   its configuration (DIR/edge.yaml); docs/engineer.md shows one
  --enrol CODE    from the console; used once, while the unit has no identity
  --cloud URL     where the code is of (https://HOST:18443)
  --keep-config   a unit that replaces another keeps the configuration that lies here`);
  process.exit(0);
}

interface Options {
  readonly dataDir: string;
  readonly configFile: string;
  readonly keepConfig: boolean;
  readonly enrol: { readonly code: string; readonly cloud?: string } | undefined;
}

const options = (): Options => {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string' },
        config: { type: 'string' },
        enrol: { type: 'string' },
        cloud: { type: 'string' },
        'keep-config': { type: 'boolean', default: false },
      },
    });
    const dataDir = path.resolve(values.data ?? './data/edge');
    return {
      dataDir,
      configFile: path.resolve(values.config ?? path.join(dataDir, 'edge.yaml')),
      keepConfig: values['keep-config'],
      enrol: values.enrol === undefined ? undefined : { code: values.enrol, cloud: values.cloud },
    };
  } catch (cause) {
    throw new HubError('configuration', (cause as Error).message, {
      cause,
      hint: usage,
    });
  }
};

await supervise({
  make: async ({ progress, signal, ...hooks }) => {
    const { dataDir, configFile, keepConfig, enrol } = options();
    await prepareIdentity({ dataDir, configFile, keepConfig, enrol, software, clock: systemClock, signal, progress });
    return new Agent({ dataDir, configFile, enrol, clock: systemClock, software, adapterFactories, ...hooks });
  },
  describeError: toHubError,
});
