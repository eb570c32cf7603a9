import type { ThingModel } from './thing-model.js';

/** The thing model without what is internal to a unit: what people and programs outside of it get to see. */
export function shownThing(thing: ThingModel): ThingModel {
  return { ...thing, properties: thing.properties.filter(({ role }) => role !== 'internal') };
}
