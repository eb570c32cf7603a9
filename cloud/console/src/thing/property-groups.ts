import type { Property, ThingModel } from '@hallhub/shared/thing';
import { booleanKind } from './boolean-words.js';

/** The parts of a device page, in the order they stand; what is internal stands nowhere. */
export const groupKeys = ['primary', 'readings', 'counters', 'states', 'alerts', 'settings', 'diagnostics'] as const;
export type GroupKey = (typeof groupKeys)[number];

export interface PropertyGroup {
  key: GroupKey;
  properties: Property[];
}

/** Below this many ordinary properties one list is easier to read than several. */
const leastToSplit = 13;
/** A group of one or two is no group. */
const leastInGroup = 3;

/** A thing model's properties as a device page groups them, each in its model's order and exactly once. */
export function propertyGroups(thing: Pick<ThingModel, 'properties'>): PropertyGroup[] {
  const shown = thing.properties.filter(({ role }) => role !== 'internal');
  const ordinary = shown.filter(({ role }) => role === 'normal');
  const counts = new Map<GroupKey, number>();
  for (const property of ordinary) counts.set(kindOf(property), (counts.get(kindOf(property)) ?? 0) + 1);
  const split = ordinary.length >= leastToSplit;
  const groupOf = (property: Property): GroupKey => {
    if (property.role === 'primary') return 'primary';
    if (property.role === 'setting') return 'settings';
    if (property.role === 'diagnostic') return 'diagnostics';
    const kind = kindOf(property);
    return split && (counts.get(kind) ?? 0) >= leastInGroup ? kind : 'readings';
  };
  return groupKeys
    .map((key) => ({ key, properties: shown.filter((property) => groupOf(property) === key) }))
    .filter(({ properties }) => properties.length > 0);
}

function kindOf(property: Property): GroupKey {
  if (property.cumulative) return 'counters';
  if (property.type === 'enum' || property.type === 'boolean') {
    return property.type === 'boolean' && booleanKind(property) === 'trouble' ? 'alerts' : 'states';
  }
  return 'readings';
}

const plain = (text: string) => text.toLocaleLowerCase().replace(/\s+/g, '');

/** Whether a property is meant by what a person typed: its name in either language, or its id. */
export function isMeant({ id, label }: Pick<Property, 'id' | 'label'>, typed: string): boolean {
  const wanted = plain(typed);
  return wanted === '' || [label.zh, label.en ?? '', id].some((name) => plain(name).includes(wanted));
}
