import { hostname, networkInterfaces } from 'node:os';

const everywhere = new Set(['0.0.0.0', '::', '[::]', '']);

/**
 * Names and addresses that units may dial, the first one being the one they are told: the operator's own list, else the listening
 * address (all of the machine's where it is a wildcard), then what always leads to this machine.
 */
export const unitHosts = (given: readonly string[], host: string): string[] => {
  const listening = everywhere.has(host)
    ? Object.values(networkInterfaces()).flatMap((addresses) =>
        (addresses ?? []).filter((it) => !it.internal && it.family === 'IPv4').map(({ address }) => address),
      )
    : [host];
  return [...new Set([...(given.length > 0 ? given : listening), '127.0.0.1', 'localhost', hostname()])];
};
