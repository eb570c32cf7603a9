import { parseArgs } from 'node:util';
import { HubError } from '@hallhub/shared';
import { type PartName, partNames } from './hall-parts.js';

export interface SimulatorOptions {
  readonly dataDir: string;
  readonly edgeMqtt: string;
  readonly only: readonly PartName[];
  readonly seed: number | undefined;
}

export const helpText = `Simulated devices of a hall, as real protocol peers.

  --data DIR         where they keep what real devices keep (default data/simulators)
  --edge-mqtt URL    the unit's broker (default mqtt://127.0.0.1:1883)
  --only a,b         some of: ${partNames.join(', ')}
  --seed N           the same visitors every time`;

/** @throws HubError `configuration` for an unknown option or device */
export const parseOptions = (argv: readonly string[]): SimulatorOptions | 'help' => {
  let values: { data?: string; 'edge-mqtt'?: string; only?: string; seed?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        'edge-mqtt': { type: 'string' },
        only: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean' },
      },
    }));
  } catch (cause) {
    throw new HubError('configuration', (cause as Error).message, { cause, hint: helpText });
  }
  if (values.help) return 'help';
  const only = values.only?.split(',').map((name) => name.trim());
  const unknown = only?.find((name) => !partNames.includes(name as PartName));
  if (unknown !== undefined) {
    throw new HubError('configuration', `There is no simulated device “${unknown}”`, {
      hint: `Choose from ${partNames.join(', ')}.`,
    });
  }
  return {
    dataDir: values.data ?? 'data/simulators',
    edgeMqtt: values['edge-mqtt'] ?? 'mqtt://127.0.0.1:1883',
    only: (only as PartName[] | undefined) ?? partNames,
    seed: values.seed === undefined ? undefined : Number(values.seed),
  };
};
