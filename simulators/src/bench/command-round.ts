import type { ThingModel } from '@hallhub/shared/thing';
import type { LocalClient } from '../../../edge/src/cli/local-client.js';
import { inventValue } from '../profiled/invent-value.js';
import { seededRandom } from '../random.js';

export interface Told {
  readonly protocol: string;
  readonly device: string;
  readonly what: string;
  readonly tookMs: number;
  readonly failed?: string;
}

interface Errand {
  readonly protocol: string;
  readonly device: string;
  readonly what: string;
  run(): Promise<{ state: string; error?: unknown }>;
}

const errandsPerProtocol = 12;
/** What keeps a device away or takes as long as the thing itself takes (a blink, a door held open). */
const slow = /reboot|restart|reset|blink|test|selfTest|shutdown|off|upgrade|calibrat|open|unlock|snapshot|stop|clear/i;

/** Quick commands and settings of the hall's devices, the same number over each protocol, by way of the unit's own API. */
export const planErrands = async (client: LocalClient): Promise<Errand[]> => {
  const random = seededRandom(5);
  const errands: Errand[] = [];
  const room = new Map<string, number>();
  const { devices } = await client.call('devices.list', {});
  for (const { deviceId: id, protocol } of devices) {
    if ((room.get(protocol) ?? 0) >= errandsPerProtocol) continue;
    const { thing } = (await client.call('devices.show', { device: id })) as { thing?: ThingModel | null };
    const setting = thing?.properties.find(({ access, role }) => access === 'rw' && role === 'setting');
    const command = thing?.commands.find(({ id: name, dangerous }) => !dangerous && !slow.test(name));
    if (!setting && !command) continue;
    room.set(protocol, (room.get(protocol) ?? 0) + 1);
    if (command) {
      const input = Object.fromEntries(
        command.input.filter(({ optional }) => !optional).map((field) => [field.id, inventValue(field, random)]),
      );
      const run = () => client.call('devices.command', { device: id, command: command.id, input });
      errands.push({ protocol, device: id, what: command.id, run });
    } else if (setting) {
      const run = () =>
        client.call('devices.write', { device: id, values: { [setting.id]: inventValue(setting, random) } });
      errands.push({ protocol, device: id, what: setting.id, run });
    }
  }
  return errands;
};

/** Runs them one after the other, as people do, and times each from the call to its end. */
export const runErrands = async (errands: readonly Errand[]): Promise<Told[]> => {
  const told: Told[] = [];
  for (const { protocol, device, what, run } of errands) {
    const startMs = performance.now();
    const end = await run().catch((error: Error) => ({ state: error.message }));
    const tookMs = performance.now() - startMs;
    told.push({
      protocol,
      device,
      what,
      tookMs,
      ...(end.state === 'done' ? {} : { failed: JSON.stringify(end).slice(0, 200) }),
    });
  }
  return told;
};
