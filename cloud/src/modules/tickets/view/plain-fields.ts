import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import { hiddenIn } from './hidden-fields.js';

interface Standing {
  readonly step: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Fields of a ticket as ledgers tell them: none that is personal, and none that nobody is shown while it stands where it does. */
export const plainFields = ({ step, fields }: Standing, kind: TicketKind) => {
  const hidden = hiddenIn({ step }, kind.steps);
  const fieldOf = (key: string) => kind.fields.find((one) => one.key === key && !one.personal && !hidden.includes(key));
  const value = (key: string): unknown => (fieldOf(key) ? fields[key] : undefined);
  const number = (key: string): number | null => {
    const one = value(key);
    return typeof one === 'number' ? one : null;
  };
  const text = (key: string): string | null => {
    const one = value(key);
    return typeof one === 'string' && one.trim() !== '' ? one : null;
  };
  const choice = (key: string): Label | null => {
    const field = fieldOf(key);
    if (field?.type !== 'choice') return null;
    return field.choices.find((one) => one.value === fields[key])?.label ?? null;
  };
  return { fieldOf, value, number, text, choice };
};
