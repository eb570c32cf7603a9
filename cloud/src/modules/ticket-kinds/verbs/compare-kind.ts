import { HubError } from '@hallhub/shared';
import { diffKinds, type TicketKind } from '@hallhub/shared/ticket';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { checkDocument } from '../check-document.js';
import type { DiffQuery, KindDiff } from '../contract.js';
import { readKind } from '../kind-book.js';
import { documentOf, findKind, surroundingsOf } from '../read-kinds.js';

/** A draft has to be a kind before anything can be done with it. Errors: `conflict` reason `faults`. */
export const requireKind = async (
  tx: Tx,
  tenantId: string,
  { code, document }: { readonly code: string; readonly document: unknown },
): Promise<TicketKind> => {
  const { kind, faults } = checkDocument(document, { code, ...(await surroundingsOf(tx, tenantId)) });
  if (kind) return kind;
  throw new HubError('conflict', 'The draft is not a kind of ticket yet', { context: { reason: 'faults', faults } });
};

export const versionOrDraft = async (
  tx: Tx,
  tenantId: string,
  { code, version }: { readonly code: string; readonly version: number | 'draft' },
): Promise<TicketKind> => {
  if (version === 'draft') {
    const document = await documentOf(tx, await findKind(tx, tenantId, code));
    return requireKind(tx, tenantId, { code, document });
  }
  const found = await readKind(tx, tenantId, code, version);
  if (!found) throw new HubError('not_found', `There is no version ${version} of this kind`);
  return found.kind;
};

/** What is another between two versions, or one and the draft. Errors: `not_found`, `conflict` where the draft is no kind yet. */
export const compareKind = (
  ctx: VerbContext,
  { code, from, to }: DiffQuery & { readonly code: string },
): Promise<KindDiff> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { tenantId } = ctx.actor;
      const a = await versionOrDraft(tx, tenantId, { code, version: from });
      const b = await versionOrDraft(tx, tenantId, { code, version: to });
      return { changes: [...diffKinds(a, b)] };
    },
    { readOnly: true },
  );
