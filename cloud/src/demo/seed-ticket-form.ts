import { isHubError } from '@hallhub/shared';
import { withTenant } from '../db/index.js';
import type { VerbContext } from '../modules/access/verb-context.js';
import { createForm } from '../modules/ticket-intake/verbs/forms.js';

/** In the page's address: `/form/citizen`. */
export const demoSlug = 'citizen';

/** The page on which anybody may ask: a newcomer sends a request by it. One that was changed or taken away stays so. */
export const seedTicketForm = async (ctx: VerbContext, { hallId }: { readonly hallId: string }): Promise<void> => {
  const known = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => (await tx.$client.query('SELECT 1 FROM ticket_forms WHERE slug = $1 LIMIT 1', [demoSlug])).rowCount,
    { readOnly: true },
  );
  if (known) return;
  await createForm(ctx, {
    ...{ slug: demoSlug, kind: 'citizen_request', hallId, enabled: true, source: 'web_form' },
    title: { zh: '群众诉求', en: 'Tell the city' },
    intro: {
      zh: '反映问题、咨询、投诉或提建议，一般两分钟填完。遇到危险请直接拨打 110、119 或 120。',
      en: 'Report a problem, ask, complain or suggest; it takes about two minutes. In danger call 110, 119 or 120.',
    },
    fields: ['nature', 'title', 'content', 'category', 'place', 'files', 'requester', 'phone', 'wantsAnswer'],
    answers: ['reply'],
  }).catch((error: unknown) => {
    // Its kind was changed or retired, or another organisation has the address: the demo goes on without the page.
    if (!isHubError(error, 'invalid_input') && !isHubError(error, 'conflict')) throw error;
  });
};
