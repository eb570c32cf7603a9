import { uuidv7 } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { type Actor, principalId } from '../access/actor.js';
import type { RequestFacts } from '../access/verb-context.js';
import { auditEntries } from './tables.js';

export interface AuditEvent {
  /** `<thing>.<verb in the past>`: `user.created`, `alarm.acknowledged`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string | null; readonly name?: string | null };
  /** Where it happened: people with a grant over that hall may read it. Null: the whole tenant's business. */
  readonly hallId?: string | null;
  /** What changed, both sides; never secrets, passwords or tokens. */
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

/** The part of a verb's context that the trail needs. */
export interface AuditContext {
  readonly actor: Actor;
  readonly request: RequestFacts | null;
}

/**
 * Writes who did what to what, in the transaction of the change: call it once in every verb that changes something.
 * It also marks the request's idempotency key as committed, so that a crash before the answer never repeats the change.
 */
export const audit = async (tx: Tx, ctx: AuditContext, event: AuditEvent): Promise<void> => {
  const { actor, request } = ctx;
  await tx.insert(auditEntries).values({
    id: uuidv7(),
    tenantId: actor.tenantId,
    actorKind: actor.kind,
    actorId: principalId(actor),
    actorName: actor.userName,
    action: event.action,
    targetKind: event.target.kind,
    targetId: event.target.id,
    targetName: event.target.name ?? null,
    hallId: event.hallId ?? null,
    before: event.before ?? null,
    after: event.after ?? null,
    ip: request?.ip ?? null,
    userAgent: request?.userAgent ?? null,
    requestId: request?.id ?? null,
  });
  if (request?.idempotencyKey && principalId(actor)) {
    await tx.execute(sql`UPDATE http_idempotency SET committed_at = now()
      WHERE tenant_id = ${actor.tenantId} AND user_id = ${principalId(actor)} AND key = ${request.idempotencyKey}`);
  }
};

/** The fields that differ, both sides: what `before` and `after` of an edit should hold. */
export const differences = <T extends Record<string, unknown>>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): { before: Record<string, unknown>; after: Record<string, unknown> } => {
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  const pick = (from: T) => Object.fromEntries(changed.map((field) => [field, from[field] ?? null]));
  return { before: pick(before), after: pick(after) };
};
