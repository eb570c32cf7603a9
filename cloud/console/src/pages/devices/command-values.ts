import type { Field } from '@hallhub/shared/thing';

export type CommandValues = Record<string, unknown>;

export const initialOf = (fields: readonly Field[]): CommandValues =>
  Object.fromEntries(fields.flatMap((field) => (field.default === undefined ? [] : [[field.id, field.default]])));

/** What was left empty is left out, so that the model's defaults apply. */
export const filled = (values: CommandValues): CommandValues =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
