import { HubError } from '@hallhub/shared';
import { escapeXml } from '../soap/xml-node.js';
import type { Camera } from './camera.js';
import { optional } from './device-service.js';

export interface RelayOutput {
  readonly token: string;
  readonly mode: string | undefined;
  readonly idleState: string | undefined;
}

export const relayOutputs = async (camera: Camera, signal: AbortSignal): Promise<RelayOutput[]> => {
  const reply = await camera.call('device', 'GetRelayOutputs', '', { signal });
  return reply
    .all('RelayOutputs')
    .slice(0, 64)
    .flatMap((node) => {
      const token = node.attribute('token');
      const mode = node.textAt('Properties', 'Mode');
      return token ? [{ token, mode, idleState: node.textAt('Properties', 'IdleState') }] : [];
    });
};

/** Tokens of the digital inputs; none where the camera has no input service. */
export const digitalInputs = async (camera: Camera, signal: AbortSignal): Promise<string[]> => {
  const reply = await optional(camera.call('deviceIo', 'GetDigitalInputs', '', { signal }));
  return (reply?.all('DigitalInputs') ?? []).slice(0, 64).flatMap((node) => node.attribute('token') ?? []);
};

/** `on` closes the contact (active). Without a token the camera's only, or first, output is meant. */
export const setRelay = async (
  camera: Camera,
  { token, on, signal }: { token: string | undefined; on: boolean; signal: AbortSignal },
): Promise<void> => {
  const wanted = token ?? (await relayOutputs(camera, signal))[0]?.token;
  if (wanted === undefined) throw new HubError('unsupported', `${camera.host} has no relay outputs`);
  await camera.call(
    'device',
    'SetRelayOutputState',
    `<RelayOutputToken>${escapeXml(wanted)}</RelayOutputToken><LogicalState>${on ? 'active' : 'inactive'}</LogicalState>`,
    { signal },
  );
};
