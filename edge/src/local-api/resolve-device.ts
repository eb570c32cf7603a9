import { HubError } from '@hallhub/shared';
import type { DeviceRegistryView, DeviceView } from '../ports/index.js';

/** A device by its id, the unambiguous start of it, its name or its serial. Throws `not_found` or `conflict` with the choices. */
export const resolveDevice = (registry: DeviceRegistryView, ref: string): DeviceView => {
  const exact = registry.get(ref);
  if (exact) return exact;
  const wanted = ref.toLowerCase();
  const devices = registry.list();
  const byName = devices.filter(
    ({ name, identity }) => name?.toLowerCase() === wanted || identity.serial.toLowerCase() === wanted,
  );
  // UUIDv7 begin with the time: their ends tell devices of one hour apart.
  const found =
    byName.length > 0
      ? byName
      : devices.filter(
          ({ deviceId }) => wanted.length >= 4 && (deviceId.startsWith(wanted) || deviceId.endsWith(wanted)),
        );
  const [first] = found;
  if (first && found.length === 1) return first;
  if (!first) {
    throw new HubError('not_found', `there is no device ${ref}`, {
      hint: 'hub devices list shows ids, names and serials.',
    });
  }
  const choices = found.map(({ deviceId, name }) => (name ? `${deviceId} (${name})` : deviceId));
  throw new HubError('conflict', `${ref} fits ${found.length} devices: ${choices.join(', ')}`, {
    hint: 'Give more of the id.',
  });
};
