import { createHash } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import {
  type FieldProblem,
  fieldProblem,
  isEmptyValue,
  type TicketField,
  type TicketSource,
} from '@hallhub/shared/ticket';
import { type Tx, withTenant } from '../../../db/index.js';
import { checkUpload, usableName } from '../../../http/check-upload.js';
import { systemActor } from '../../access/actor.js';
import type { RequestFacts, VerbContext } from '../../access/verb-context.js';
import { keepFile } from '../../tickets/files/keep-file.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import { ticketPins } from '../tables.js';
import type { OpenForm } from './find-form.js';
import { hashPin, makePin, pinOf } from './pin.js';

export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface FormAnswers {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly FormFile[];
  /** Of the page that was filled in: sent twice with the same answers, it is one request. */
  readonly token?: string | undefined;
}

export interface FormReceipt {
  readonly number: string;
  /** Shown this once. */
  readonly pin: string;
  readonly ticketId: string;
  /** It had been sent before. */
  readonly repeated: boolean;
}

/** A program of the house that asks for somebody: what it says about the request beside the answers. */
export interface FrontSending {
  /** Of the program, as the history says it. */
  readonly name: string;
  readonly source: TicketSource;
  /** Unique in the organisation: the same again is the same request. */
  readonly key: string;
  readonly hallId: string | null;
  readonly deviceId: string | null;
  /** In the ticket’s transaction, once. */
  readonly keep: (tx: Tx, ticketId: string) => Promise<void>;
}

export interface FormSending {
  readonly answers: FormAnswers;
  readonly request: RequestFacts | null;
  readonly front?: FrontSending;
}

export interface FieldFault {
  readonly field: string;
  /** docs/protocol.md 11 tells the meaning of each. */
  readonly problem: FieldProblem | 'required' | 'unknown';
}

export const mostFiles = 6;
export const maxFormFileBytes = 5 * 1024 * 1024;
/** What the page says it takes. */
const fileKinds = ['jpeg', 'png', 'webp', 'gif', 'pdf'] as const;

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
      if (open.required.has(field.key) || isToCall(field, fields))
        faults.push({ field: field.key, problem: 'required' });
      continue;
    }
    if (field.type === 'files') {
      if (files.filter((file) => file.field === field.key).length > Math.min(mostFiles, field.most)) {
        faults.push({ field: field.key, problem: 'too_many' });
      }
      continue;
    }
    const problem = fieldProblem(field, value) ?? (isStrange(open, field, value) ? 'category' : undefined);
    if (problem !== undefined) faults.push({ field: field.key, problem });
  }
  for (const { field } of files) if (asked.get(field)?.type !== 'files') faults.push({ field, problem: 'unknown' });
  if (files.length > mostFiles && !faults.some(({ problem }) => problem === 'too_many')) {
    faults.push({ field: files[0]?.field ?? '', problem: 'too_many' });
  }
  return faults;
};

/** Whoever wants an answer by telephone says at which number. */
const isToCall = ({ type }: TicketField, { wantsAnswer }: FormAnswers['fields']): boolean =>
  type === 'phone' && (wantsAnswer === 'phone' || wantsAnswer === 'sms');

/** A category that its tree does not have, or no more. */
const isStrange = ({ categories }: OpenForm, field: TicketField, value: unknown): boolean => {
  if (field.type !== 'category') return false;
  const path = (value as readonly string[]).join('/');
  return !categories.get(field.tree)?.some((one) => one.path.join('/') === path);
};

/** All of them before one is kept: a form that is refused leaves nothing behind. Errors: `too_large`, `unsupported`, `invalid_input` (empty). */
const checkFiles = (files: readonly FormFile[]): void => {
  for (const { name, bytes } of files) {
    const rules = { kinds: fileKinds, maxBytes: maxFormFileBytes };
    checkUpload({ name: usableName(name), bytes: bytes.length, head: bytes.subarray(0, 16) }, rules);
  }
};

interface Origin {
  /** Of the page and the words; undefined: the key alone says it. */
  readonly said: string | undefined;
  /** Of these and the files. */
  readonly key: string;
}

const digest = (of: unknown): string => createHash('sha256').update(JSON.stringify(of)).digest('base64url');

/** By what one sending is known again: the page it was written on and all that was said. */
const originOf = (formId: string, { fields, files, token }: FormAnswers): Origin | undefined => {
  if (token === undefined) return undefined;
  const words = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const sent = files.map(({ field, bytes }) => [field, createHash('sha256').update(bytes).digest('hex')]);
  const said = `${formId}/${digest([token, words])}`;
  return { said, key: `${said}/${digest(sent)}` };
};

const running = new Map<string, Promise<FormReceipt>>();

/**
 * Makes a ticket of what somebody outside wrote; the same again (pressed twice, or after an answer that was lost) gives the same number and
 * PIN. Errors: `invalid_input` with every fault, `too_large`, `unsupported`.
 */
export const submitForm = async (
  deps: IntakeDeps,
  open: OpenForm,
  { answers, request, front }: FormSending,
): Promise<FormReceipt> => {
  const faults = checkAnswers(open, answers);
  if (faults.length > 0) {
    const errors = faults.map(({ field, problem }) => ({ path: `body.fields.${field}`, message: problem }));
    throw new HubError('invalid_input', 'Some answers do not fit', { context: { errors } });
  }
  checkFiles(answers.files);
  const origin = front
    ? { said: undefined, key: `${open.form.tenantId}/${front.key}` }
    : originOf(open.form.id, answers);
  const sent: Sending = { answers, request, front, origin };
  if (origin === undefined) return sendForm(deps, open, sent);
  const { key } = origin;
  // Of two at the same moment the second would keep its files for nothing.
  const other = running.get(key);
  if (other) return other;
  const sending = sendForm(deps, open, sent);
  running.set(key, sending);
  try {
    return await sending;
  } finally {
    running.delete(key);
  }
};

interface Sending {
  readonly answers: FormAnswers;
  readonly request: RequestFacts | null;
  readonly front: FrontSending | undefined;
  readonly origin: Origin | undefined;
}

const sendForm = async (
  deps: IntakeDeps,
  open: OpenForm,
  { answers, request, front, origin }: Sending,
): Promise<FormReceipt> => {
  const { form, kind } = open;
  const ctx: VerbContext = {
    ...{ db: deps.database, clock: deps.clock, live: deps.live, request },
    actor: systemActor(form.tenantId, front?.name ?? '网上表单'),
  };
  const pin = origin === undefined ? makePin() : pinOf(deps.sealing, origin.said ?? origin.key);
  const known = origin && (await sentBefore(ctx, origin, answers.files.length > 0));
  if (known) return { ...known, pin, repeated: true };
  const filed = await keepFiles(ctx, answers.files);
  const given = Object.entries(answers.fields).filter(([, value]) => !isEmptyValue(value));
  const fields = { ...Object.fromEntries(given), ...filed } as Record<string, never>;
  const nameField = kind.fields.find(({ key, type, personal }) => personal && type === 'text' && key in fields)?.key;
  const requesterName = nameField === undefined ? undefined : String(fields[nameField]);
  return withTenant(deps.database, ctx.actor, async (tx) => {
    const ticket = await makeTicket(tx, ctx, {
      ...{ kind: form.kind, fields, level: null, parentId: null, deviceId: front?.deviceId ?? null },
      ...{ source: front?.source ?? form.source, hallId: front?.hallId ?? form.hallId },
      ...(requesterName ? { requesterName } : {}),
      ...(origin === undefined ? {} : { origin: { system: originSystem, key: origin.key } }),
    });
    const hash = hashPin(deps.sealing, ticket.id, pin);
    const pins = await tx
      .insert(ticketPins)
      .values({ tenantId: form.tenantId, ticketId: ticket.id, formId: form.id, hash })
      .onConflictDoNothing()
      .returning({ ticketId: ticketPins.ticketId });
    const repeated = pins.length === 0;
    if (!repeated) await front?.keep(tx, ticket.id);
    return { number: ticket.number, pin, ticketId: ticket.id, repeated };
  });
};

const originSystem = 'form';

/** A browser that steps back brings the words again and the files not: without files the words say it. */
const sentBefore = (
  ctx: VerbContext,
  { said, key }: Origin,
  hasFiles: boolean,
): Promise<{ readonly number: string; readonly ticketId: string } | undefined> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const among = said === undefined || hasFiles ? 'origin_key = $3' : 'origin_key >= $3 AND origin_key < $3 || $4';
      const values = said === undefined || hasFiles ? [key] : [`${said}/`, '~'];
      const { rows } = await tx.$client.query<{ number: string; ticketId: string }>(
        `SELECT number, id AS "ticketId" FROM tickets WHERE tenant_id = $1 AND origin_system = $2 AND ${among} ORDER BY number LIMIT 1`,
        [ctx.actor.tenantId, originSystem, ...values],
      );
      return rows[0];
    },
    { readOnly: true },
  );

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
