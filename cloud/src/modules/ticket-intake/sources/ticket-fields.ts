import { fieldProblem, type TicketKind } from '@hallhub/shared/ticket';
import type { Occurrence } from './occurrence.js';

/** What a rule sets beforehand, then what happened, as far as the kind's first step may write it. */
export const fieldsOf = (
  kind: TicketKind,
  of: Pick<Occurrence, 'title' | 'text' | 'hallId' | 'deviceId' | 'at' | 'named' | 'place'>,
  preset: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const first = new Set(kind.steps.find(({ id }) => id === kind.start)?.fields.edit);
  const told = new Set<string>();
  const once = (type: string, value: unknown): unknown => {
    if (told.has(type)) return undefined;
    told.add(type);
    return value;
  };
  const fields: Record<string, unknown> = {};
  for (const field of kind.fields) {
    const { key, type } = field;
    if (field.personal || (!first.has(key) && key !== kind.title)) continue;
    const value = (() => {
      if (preset[key] !== undefined) return preset[key];
      if (key === kind.title) return of.title.slice(0, type === 'text' || type === 'longText' ? field.maxLength : 100);
      if (type === 'hall') return once(type, of.hallId);
      if (type === 'device') return once(type, of.deviceId);
      if (type === 'instant') return once(type, of.at.toISOString());
      if (type === 'place') return once(type, { text: of.place.slice(0, 300) });
      if (type === 'longText') return once(type, of.text.slice(0, field.maxLength));
      if (type === 'text' && of.named[key] !== undefined) return of.named[key].slice(0, field.maxLength);
      return undefined;
    })();
    // A preset of another version of the kind: better a ticket without it than none.
    if (value !== undefined && fieldProblem(field, value) === undefined) fields[key] = value;
  }
  return fields;
};
