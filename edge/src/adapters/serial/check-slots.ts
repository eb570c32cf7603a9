import { HubError } from '@hallhub/shared';
import type { ProfileSource } from '../../ports/index.js';
import { type SerialConfig, slotsOf } from './config.js';

/** Throws `configuration` where edge.yaml names a profile or a parameter that is not there. */
export const checkSlots = (config: SerialConfig, profiles: ProfileSource): void => {
  for (const { profile: id, params } of slotsOf(config)) {
    if (id === undefined) continue;
    const binding = profiles.get(id)?.document.bindings.serial;
    if (!binding) {
      throw new HubError('configuration', `serial ${config.id}: there is no profile ${id} with a serial binding`);
    }
    for (const [name, value] of Object.entries(params)) {
      const param = Object.hasOwn(binding.params, name) ? binding.params[name] : undefined;
      if (!param) {
        const known = Object.keys(binding.params).join(', ') || 'none';
        throw new HubError('configuration', `serial ${config.id}: ${id} has no parameter ${name} (it has: ${known})`);
      }
      const [from, to] = param.range ?? [];
      if (from !== undefined && to !== undefined && !(Number(value) >= from && Number(value) <= to)) {
        throw new HubError(
          'configuration',
          `serial ${config.id}: ${name} ${String(value)} is not within ${from} to ${to}`,
        );
      }
    }
  }
};
