import { uuidv7 } from '@hallhub/shared';
import { type Tx, untilCommit } from '../../db/index.js';
import { type Actor, principalId } from '../access/actor.js';
import type { RequestFacts } from '../access/verb-context.js';

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
  const { target } = event;
  const inserted = tx.$client.query({
    name: 'audit',
    text: `INSERT INTO audit_entries (id, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, hall_id,
         before, after, ip, user_agent, request_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    values: [
      ...[uuidv7(), actor.tenantId, actor.kind, principalId(actor), actor.userName, event.action],
      ...[target.kind, target.id, target.name ?? null, event.hallId ?? null],
      ...[jsonOf(event.before), jsonOf(event.after)],
      ...[request?.ip ?? null, request?.userAgent ?? null, request?.id ?? null],
    ],
  });
  await untilCommit(tx, inserted);
  if (request?.idempotencyKey && principalId(actor)) {
    const marked = tx.$client.query(
      'UPDATE http_idempotency SET committed_at = now() WHERE tenant_id = $1 AND user_id = $2 AND key = $3',
      [actor.tenantId, principalId(actor), request.idempotencyKey],
    );
    await untilCommit(tx, marked);
  }
};

const jsonOf = (value: object | null | undefined): string | null => (value == null ? null : JSON.stringify(value));

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
