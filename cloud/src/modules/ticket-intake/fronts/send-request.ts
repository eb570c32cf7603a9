import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { findOpenForm } from '../forms/find-form.js';
import { submitForm } from '../forms/submit-form.js';
import type { IntakeDeps } from '../intake-deps.js';
import type { RequestSent, SendRequest } from './contract.js';
import { frontPerson } from './front-person.js';
import { ticketFronts } from './tables.js';

/**
 * A request that a program of the house sends for whoever stands before it. The same `origin` again gives the same number and PIN.
 * Errors: `not_found` (form, hall, device), `forbidden`, `invalid_input` with every fault, `too_large`, `unsupported`.
 */
export const sendRequest = async (deps: IntakeDeps, ctx: VerbContext, input: SendRequest): Promise<RequestSent> => {
  const { tenantId } = ctx.actor;
  const { source, deviceId, hallId } = input;
  const open = await findOpenForm(deps.database, input.form, { toAnswer: true });
  if (open.form.tenantId !== tenantId) throw new HubError('not_found', 'There is no such form');
  const person = input.person ? frontPerson(deps.sealing, { tenantId, source, person: input.person }) : null;
  const files = input.files.map(({ field, name, content }) => ({ field, name, bytes: Buffer.from(content, 'base64') }));
  const keep = async (tx: Tx, ticketId: string): Promise<void> => {
    const place = await requirePlace(tx, ctx, ticketId);
    await tx.insert(ticketFronts).values({ tenantId, ticketId, source, person });
    await audit(tx, ctx, {
      action: 'ticket.sent_by_front',
      target: { kind: 'ticket', id: ticketId, name: place.number },
      ...{ hallId: place.hallId, after: { source, origin: input.origin, form: open.form.slug } },
    });
  };
  const sent = await submitForm(deps, open, {
    ...{ answers: { fields: input.fields, files }, request: ctx.request },
    front: { name: ctx.actor.userName, source, key: `${source}/${input.origin}`, hallId, deviceId, keep },
  });
  // Of one that was sent before, whoever asks has to reach its place as well.
  if (sent.repeated)
    await withTenant(ctx.db, ctx.actor, (tx) => requirePlace(tx, ctx, sent.ticketId), { readOnly: true });
  return { ...sent };
};

const requirePlace = async (tx: Tx, { actor }: VerbContext, ticketId: string) => {
  const { rows } = await tx.$client.query<{ hallId: string | null; number: string }>(
    'SELECT hall_id AS "hallId", number FROM tickets WHERE tenant_id = $1 AND id = $2',
    [actor.tenantId, ticketId],
  );
  const [row] = rows;
  if (!row) throw new HubError('bug', 'the ticket just made is not there');
  actor.require('ticket.front', row.hallId === null ? 'tenant' : { hallId: row.hallId });
  return row;
};
