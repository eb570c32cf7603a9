import { HubError } from '@hallhub/shared';
import { type LineSettings, lineSchema, type Protocol } from '@hallhub/shared/profile';
import type { LoadedProfile } from '../../ports/index.js';

/** How `--on` is read: whom to talk to, and by which section of edge.yaml that is said. */
export interface TrialSection {
  readonly protocol: Protocol;
  readonly section: string;
  readonly entry: Record<string, unknown>;
}

export interface TrialAccess {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * `tcp://HOST[:PORT][#UNIT]`, `rtu-tcp://…#UNIT` and `/dev/tty…[#UNIT]` (Modbus, or serial where the profile is serial),
 * `http://HOST/…` (a camera), `mqtt://HOST[:PORT]#DEVICE` (mapped MQTT). Throws `invalid_input`.
 */
export const trialSection = (profile: LoadedProfile, on: string, access: TrialAccess): TrialSection => {
  const { bindings } = profile.document;
  const [endpoint = '', mark] = on.split('#', 2);
  const account = Object.fromEntries(Object.entries(access).filter(([, value]) => value !== undefined));
  if (/^https?:\/\//.test(endpoint)) {
    if (!bindings.onvif) throw unfit(profile, 'onvif');
    return {
      protocol: 'onvif',
      section: 'onvif',
      entry: { discover: false, hosts: [{ host: endpoint, ...account }] },
    };
  }
  if (/^mqtts?:\/\//.test(endpoint)) {
    if (bindings.mqtt?.native) {
      throw new HubError(
        'invalid_input',
        'a device made for HallHub joins the unit by itself: there is nothing to try',
        {
          hint: 'Let it join and look: hub devices watch',
        },
      );
    }
    if (!bindings.mqtt) throw unfit(profile, 'mqtt');
    if (!mark)
      throw new HubError('invalid_input', 'the device’s name is missing', { hint: `As in: ${endpoint}#DEVICE` });
    const external = { url: endpoint, protocolVersion: 4, sessionExpiryS: 0, ...account };
    return {
      protocol: 'mqtt',
      section: 'mqtt',
      entry: { discover: false, external, devices: [{ profile: profile.id, name: mark }] },
    };
  }
  if (endpoint.startsWith('/') && bindings.serial) {
    const params = Object.fromEntries(new URLSearchParams(mark ?? '').entries());
    return {
      protocol: 'serial',
      section: 'serial',
      entry: { id: 'trial', path: endpoint, profile: profile.id, params: numbersOf(params) },
    };
  }
  if (!/^(?:tcp|rtu-tcp):\/\/|^\//.test(endpoint)) {
    throw new HubError('invalid_input', `${on} is no endpoint`, {
      hint: 'As in tcp://HOST:PORT#UNIT, rtu-tcp://HOST:PORT#UNIT, /dev/ttyUSB0#UNIT (the whole path), /dev/ttyS1#address=2, http://HOST/onvif/device_service or mqtt://HOST#DEVICE',
    });
  }
  if (!bindings.modbus) throw unfit(profile, 'modbus');
  const unitId = mark === undefined ? bindings.modbus.unitId : Number(mark);
  const line: LineSettings | undefined = bindings.modbus.line ?? lineSchema.parse({ baudRate: 9600 });
  return {
    protocol: 'modbus',
    section: 'modbus',
    entry: {
      ...{ id: 'trial', url: endpoint, devices: [{ unitId, profile: profile.id }] },
      ...(endpoint.startsWith('/') ? { line } : {}),
    },
  };
};

const unfit = (profile: LoadedProfile, protocol: Protocol): HubError =>
  new HubError('invalid_input', `${profile.id} has no ${protocol} binding`, {
    hint: `It has ${Object.keys(profile.document.bindings).join(', ')}.`,
  });

const numbersOf = (params: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value]),
  );
