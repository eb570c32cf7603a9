import { HubError } from '@hallhub/shared';
import type { Agent } from '../agent.js';
import type { LoadedProfile } from '../ports/index.js';
import type { LocalResult } from './contract.js';

type ProfileSummary = LocalResult<'profiles.list'>['profiles'][number];

/** The unit's profiles with the devices that have each. */
export const profileList = (agent: Agent): LocalResult<'profiles.list'> => {
  const devices = new Map<string, number>();
  for (const { state, profile } of agent.registry.list()) {
    if (state !== 'retired' && profile) devices.set(profile.id, (devices.get(profile.id) ?? 0) + 1);
  }
  const profiles = [...agent.profiles.list()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((profile) => summary(agent, profile, devices.get(profile.id) ?? 0));
  return { folder: agent.profiles.folder ?? null, profiles, issues: [...agent.profiles.issues] };
};

/** A profile as it holds for one firmware, with the devices that have it. Throws `not_found`. */
export const profileDetail = (
  agent: Agent,
  { profile: id, firmware }: { profile: string; firmware?: string | undefined },
): LocalResult<'profiles.show'> => {
  const profile = agent.profiles.forFirmware(id, firmware);
  if (!profile) {
    throw new HubError('not_found', `there is no profile ${id}`, { hint: 'hub profile list shows what is loaded.' });
  }
  const mine = agent.registry.list().filter((one) => one.state !== 'retired' && one.profile?.id === id);
  return {
    ...summary(agent, profile, mine.length),
    devices: mine.map((one) => ({
      deviceId: one.deviceId,
      name: one.name,
      firmware: one.identity.firmware,
      hash: one.profile?.hash ?? '',
    })),
    document: JSON.parse(JSON.stringify(profile.document)),
  };
};

const summary = (agent: Agent, profile: LoadedProfile, deviceCount: number): ProfileSummary => {
  const { document, id, version, hash, file } = profile;
  return {
    id,
    version,
    hash,
    file,
    label: document.label,
    deviceClass: document.class,
    protocols: Object.keys(document.bindings),
    variants: (agent.profiles.document(id)?.variants ?? []).map(({ firmware }) => firmware),
    deviceCount,
  };
};
