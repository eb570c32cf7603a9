import { matchProfile } from '@hallhub/shared/profile';
import type { DeviceIdentity, DeviceProtocol } from '@hallhub/shared/wire';
import type { LoadedProfile, ProfileSource } from '../ports/index.js';

/** The profile of a device that says its vendor and model. Undefined: unknown, or two fit equally well. */
export const matchIdentity = (
  profiles: ProfileSource,
  protocol: DeviceProtocol,
  identity: DeviceIdentity,
): LoadedProfile | undefined => {
  const { vendor, model, firmware } = identity;
  const documents = profiles.list().map(({ document }) => document);
  if (protocol === 'mqtt')
    return byId(profiles, matchProfile(documents, { protocol, vendor, model, firmware }).best?.id);
  if (protocol === 'onvif') {
    return byId(profiles, matchProfile(documents, { protocol, manufacturer: vendor, model, firmware }).best?.id);
  }
  // On a bus only the adapter's probe can tell: it gives the profile's id.
  return undefined;
};

const byId = (profiles: ProfileSource, id: string | undefined): LoadedProfile | undefined =>
  id ? profiles.get(id) : undefined;
