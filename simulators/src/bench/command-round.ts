import type { Profile } from '@hallhub/shared/profile';
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
const slow =
  /reboot|restart|reset|blink|test|selfTest|shutdown|off|upgrade|calibrat|pulse|boost|open|unlock|snapshot|stop|clear/i;

/** The profile says that the device needs time between writing and reading back, or between two steps. */
const rests = (part: unknown): boolean => /"(?:settleMs|waitMs|pauseMs)":[1-9]/.test(JSON.stringify(part) ?? '');

/** Quick commands and settings of the hall's devices, the same number over each protocol, by way of the unit's own API. */
export const planErrands = async (client: LocalClient, profiles: ReadonlyMap<string, Profile>): Promise<Errand[]> => {
  const random = seededRandom(5);
  const errands: Errand[] = [];
  const room = new Map<string, number>();
  const { devices } = await client.call('devices.list', {});
  for (const { deviceId: id, protocol, profile } of devices) {
    const bindings = profiles.get(profile?.id ?? '')?.bindings;
    if ((room.get(protocol) ?? 0) >= errandsPerProtocol) continue;
    const { thing } = (await client.call('devices.show', { device: id })) as { thing?: ThingModel | null };
    const setting = thing?.properties.find(
      (one) => one.access === 'rw' && one.role === 'setting' && !rests(bindings?.modbus?.points[one.id]),
    );
    const command = thing?.commands.find(
      ({ id: name, dangerous }) =>
        !dangerous && !slow.test(name) && !rests([bindings?.modbus?.commands[name], bindings?.serial?.commands[name]]),
    );
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
      ...(end.state === 'succeeded' ? {} : { failed: JSON.stringify(end).slice(0, 200) }),
    });
  }
  return told;
};
