import { type Refusal, refusals } from '@hallhub/shared/ticket';
import { isApiError } from '../../../api/api-error.js';

export interface RefusedAct {
  code: Refusal;
  /** Code of the problem of each field. */
  fields: Record<string, string>;
  facts: Readonly<Record<string, unknown>>;
}

const isRefusal = (code: unknown): code is Refusal => (refusals as readonly unknown[]).includes(code);

/** Why the engine refused, and at which fields; undefined: it was something else. */
export const refusalOf = (error: unknown): RefusedAct | undefined => {
  if (!isApiError(error)) return undefined;
  const { facts } = error;
  const code = facts.refusal;
  if (!isRefusal(code)) return undefined;
  const fields: Record<string, string> = {};
  if (code === 'field_invalid' && typeof facts.field === 'string')
    fields[facts.field] = String(facts.problem ?? 'text');
  if (Array.isArray(facts.fields)) {
    for (const key of facts.fields) fields[String(key)] = code === 'fields_missing' ? 'missing' : 'not_editable';
  }
  return { code, fields, facts };
};
