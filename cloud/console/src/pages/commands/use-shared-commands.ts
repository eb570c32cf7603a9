import { useQueries } from '@tanstack/react-query';
import { type DeviceSummary, deviceQuery } from '../../api/devices.js';
import { type SharedCommands, sharedCommands } from '../../thing/shared-commands.js';

export interface SharedCommandsState {
  /** Undefined while it is being looked up. */
  shared: SharedCommands | undefined;
  error: unknown;
  /** Devices whose model is not known: nothing can be sent to them. */
  unknown: DeviceSummary[];
}

/** The commands that all these devices have: one device of each model is read. */
export function useSharedCommands(devices: readonly DeviceSummary[]): SharedCommandsState {
  const byProfile = new Map(devices.flatMap((device) => (device.profileHash ? [[device.profileHash, device]] : [])));
  const queries = useQueries({
    queries: [...byProfile.values()].map((device) => ({ ...deviceQuery(device.id), staleTime: 60_000 })),
  });
  const things = queries.flatMap(({ data }) => data?.thing ?? []);
  const ready = queries.every(({ data }) => data !== undefined);
  const unknown = devices.filter(({ profileHash }) => profileHash === null);
  return {
    shared: ready ? sharedCommands(unknown.length > 0 ? [] : things) : undefined,
    error: queries.find(({ error }) => error)?.error,
    unknown,
  };
}
