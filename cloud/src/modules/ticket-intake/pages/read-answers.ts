import type { TicketField } from '@hallhub/shared/ticket';
import type { OpenForm } from '../forms/find-form.js';
import { tooLarge } from '../forms/form-limits.js';
import { type FormFile, maxFormFileBytes } from '../forms/submit-form.js';
import type { FormValues } from './form-body.js';

/** Undefined: it is a file, or nothing. */
export const textOf = (value: File | string | null): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** As they were typed, to be shown again. */
export const valuesOf = (open: OpenForm, data: FormData): FormValues =>
  Object.fromEntries(
    open.fields
      .filter(({ type }) => type !== 'files')
      .map(({ key, type }) => [
        key,
        type === 'choices' ? data.getAll(key).flatMap((one) => textOf(one) ?? []) : textOf(data.get(key)),
      ]),
  );

export const fieldsOf = (open: OpenForm, data: FormData): Record<string, unknown> =>
  Object.fromEntries(
    open.fields.flatMap((field) => {
      const value = answerTo(field, data);
      return value === undefined || value === '' ? [] : [[field.key, value]];
    }),
  );

/** What a page sends is text; this is what the field holds. */
const answerTo = (field: TicketField, data: FormData): unknown => {
  const text = textOf(data.get(field.key))?.trim();
  switch (field.type) {
    case 'files':
      return undefined;
    case 'choices':
      return data.getAll(field.key).flatMap((one) => textOf(one) || []);
    case 'category':
      return text ? text.split('/') : undefined;
    case 'number':
      return text ? Number(text) : undefined;
    case 'yesNo':
      return text ? text === 'true' : undefined;
    case 'place':
      return text ? { text } : undefined;
    case 'phone':
      // As people write it: 138 1234 8000, or in wide digits.
      return text?.normalize('NFKC').replace(/[\s()]/g, '');
    case 'identityNumber':
      return text?.normalize('NFKC').replace(/\s/g, '').toUpperCase();
    case 'longText':
      return text?.replace(/\r\n?/g, '\n');
    default:
      return text;
  }
};

export const filesOf = async (open: OpenForm, data: FormData): Promise<FormFile[]> => {
  const files: FormFile[] = [];
  for (const { key, type } of open.fields) {
    if (type !== 'files') continue;
    for (const one of data.getAll(key)) {
      if (typeof one === 'string' || one.size === 0) continue;
      if (one.size > maxFormFileBytes) throw tooLarge();
      files.push({ field: key, name: one.name, bytes: new Uint8Array(await one.arrayBuffer()) });
    }
  }
  return files;
};
