import t from 'tap';
import { startTestApp } from '../http/testing.js';
import { archiveForm, listForms } from '../modules/ticket-intake/verbs/forms.js';
import { ensureShippedKinds } from '../modules/ticket-kinds/ship-kinds.js';
import { demoSlug, seedTicketForm } from './seed-ticket-form.js';

t.test('the page for everybody is there once, and what people took away is not made anew', async (t) => {
  const app = await startTestApp(t);
  const ctx = app.systemContext();
  await ensureShippedKinds(app.db, { clock: app.clock });
  await seedTicketForm(ctx, app);
  await seedTicketForm(ctx, app);
  const { items } = await listForms(ctx);
  t.match(items, [
    { slug: demoSlug, kind: 'citizen_request', enabled: true, path: '/form/citizen', hallId: app.hallId },
  ]);
  t.equal(items.length, 1);
  const [form] = items;
  if (!form) return t.fail('there is a form');
  await archiveForm(ctx, { formId: form.id, version: form.version });
  await seedTicketForm(ctx, app);
  t.same((await listForms(ctx)).items, []);
});
