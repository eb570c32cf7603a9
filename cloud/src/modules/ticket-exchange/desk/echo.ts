import { type Actor, systemActor } from '../../access/actor.js';

const saidBy = new WeakMap<Actor, string>();

/** Acts for a channel on what its platform said: the hook tells everybody else, never that platform its own words. */
export const channelActor = (tenantId: string, channel: { readonly id: string; readonly name: string }): Actor => {
  const actor = systemActor(tenantId, channel.name);
  saidBy.set(actor, channel.id);
  return actor;
};

/** The channel whose platform is the cause; undefined: somebody here. */
export const channelOfActor = (actor: Actor): string | undefined => saidBy.get(actor);
