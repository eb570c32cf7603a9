import { HubError, isHubError } from '@hallhub/shared';
import { withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import type { FormPreview, PreviewForm } from '../contract.js';
import { askableFields, neededFields, openForm } from '../forms/find-form.js';
import { formBody } from '../pages/form-body.js';
import { page } from '../pages/frame.js';
import { labelIn } from '../pages/words.js';
import type { FormRow } from '../tables.js';
import { checkForm } from './forms.js';

/** The page as it would be, what may stand on it, and why it could not be saved so. Nothing is written. Errors: `invalid_input` without such a kind. */
export const previewForm = (ctx: VerbContext, input: PreviewForm): Promise<FormPreview> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { formId, language, ...written } = input;
      const { tenantId } = ctx.actor;
      const published = await readKind(tx, tenantId, input.kind);
      if (!published) throw new HubError('invalid_input', 'There is no published kind of this code');
      const { kind } = published;
      const at = new Date(ctx.clock.now());
      const row: FormRow = {
        ...{ ...written, id: formId ?? tenantId, tenantId, version: 1, createdAt: at, updatedAt: at, archivedAt: null },
      };
      const open = await openForm(tx, { form: row, kind });
      const needed = new Set(neededFields(kind));
      const fault = await checkForm(tx, ctx, written).then(
        () => null,
        (error: unknown) => {
          if (!isHubError(error, 'invalid_input')) throw error;
          return error.message;
        },
      );
      return {
        html: page(language, {
          ...{ title: labelIn(language, input.title), body: formBody(open, language), other: '#' },
          organisation: open.organisation,
        }),
        slugTaken: await isTaken(ctx, input),
        fault,
        askable: askableFields(kind).map(({ key, label, type, personal }) => ({
          ...{ key, label, type, personal, required: needed.has(key) },
        })),
        answerable: kind.fields
          .filter(({ personal, type }) => !personal && (type === 'text' || type === 'longText'))
          .map(({ key, label }) => ({ key, label })),
      };
    },
    { readOnly: true },
  );

/** Addresses are of all organisations together. */
const isTaken = ({ db }: VerbContext, { slug, formId }: PreviewForm): Promise<boolean> =>
  withSystem(
    db,
    async (tx) => {
      const { rowCount } = await tx.$client.query(
        'SELECT 1 FROM ticket_forms WHERE slug = $1 AND archived_at IS NULL AND id IS DISTINCT FROM $2::uuid',
        [slug, formId ?? null],
      );
      return (rowCount ?? 0) > 0;
    },
    { readOnly: true },
  );
