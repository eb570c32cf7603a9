import { HubError } from '@hallhub/shared';
import { fieldProblem, isEmptyValue } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { RequestFacts, VerbContext } from '../../access/verb-context.js';
import { keepFile } from '../../tickets/files/keep-file.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import { ticketPins } from '../tables.js';
import type { OpenForm } from './find-form.js';
import { hashPin, makePin } from './pin.js';

export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface FormAnswers {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly FormFile[];
}

export interface FormReceipt {
  readonly number: string;
  /** Shown this once. */
  readonly pin: string;
}

export interface FieldFault {
  readonly field: string;
  /** `required`, or what `fieldProblem` says. */
  readonly problem: string;
}

export const mostFiles = 6;

/** What of the answers does not fit; all of it at once, so that nobody sends a form five times. */
export const checkAnswers = (open: OpenForm, { fields, files }: FormAnswers): FieldFault[] => {
  const faults: FieldFault[] = [];
  const asked = new Map(open.fields.map((field) => [field.key, field]));
  for (const key of Object.keys(fields)) if (!asked.has(key)) faults.push({ field: key, problem: 'unknown' });
  for (const field of open.fields) {
    const value = fields[field.key];
    const hasFiles = field.type === 'files' && files.some((file) => file.field === field.key);
    // Files come with the form: an id could only be somebody else's.
    if (field.type === 'files' && !isEmptyValue(value)) faults.push({ field: field.key, problem: 'files' });
    if (isEmptyValue(value) && !hasFiles) {
      if (open.required.has(field.key)) faults.push({ field: field.key, problem: 'required' });
      continue;
    }
    if (field.type === 'files') continue;
    const problem = fieldProblem(field, value);
    if (problem !== undefined) faults.push({ field: field.key, problem });
  }
  for (const { field } of files) if (asked.get(field)?.type !== 'files') faults.push({ field, problem: 'unknown' });
  if (files.length > mostFiles) faults.push({ field: files[0]?.field ?? '', problem: 'too_many' });
  return faults;
};

/** Makes a ticket of what somebody outside wrote. Errors: `invalid_input` with every fault, `too_large`, `unsupported`. */
export const submitForm = async (
  deps: IntakeDeps,
  open: OpenForm,
  { answers, request }: { readonly answers: FormAnswers; readonly request: RequestFacts },
): Promise<FormReceipt> => {
  const faults = checkAnswers(open, answers);
  if (faults.length > 0) {
    const errors = faults.map(({ field, problem }) => ({ path: `body.fields.${field}`, message: problem }));
    throw new HubError('invalid_input', 'Some answers do not fit', { context: { errors } });
  }
  const { form, kind } = open;
  const ctx: VerbContext = {
    ...{ db: deps.database, clock: deps.clock, live: deps.live, request },
    actor: systemActor(form.tenantId, '网上表单'),
  };
  const filed = await keepFiles(ctx, answers.files);
  const given = Object.entries(answers.fields).filter(([, value]) => !isEmptyValue(value));
  const fields = { ...Object.fromEntries(given), ...filed } as Record<string, never>;
  const nameField = kind.fields.find(({ key, type, personal }) => personal && type === 'text' && key in fields)?.key;
  const requesterName = nameField === undefined ? undefined : String(fields[nameField]);
  const pin = makePin();
  return withTenant(deps.database, ctx.actor, async (tx) => {
    const ticket = await makeTicket(tx, ctx, {
      ...{ kind: form.kind, fields, level: null, hallId: form.hallId, deviceId: null, parentId: null },
      ...{ source: 'web_form', ...(requesterName ? { requesterName } : {}) },
    });
    const hash = hashPin(deps.sealing, ticket.id, pin);
    await tx.insert(ticketPins).values({ tenantId: form.tenantId, ticketId: ticket.id, formId: form.id, hash });
    return { number: ticket.number, pin };
  });
};

const keepFiles = async (ctx: VerbContext, files: readonly FormFile[]): Promise<Record<string, string[]>> => {
  const ids: Record<string, string[]> = {};
  for (const { field, name, bytes } of files) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const { id } = await keepFile(ctx, body, { ticketId: null, name });
    ids[field] = [...(ids[field] ?? []), id];
  }
  return ids;
};
