import { nothing } from '@hallhub/shared/ticket';
import t from 'tap';
import { withTenant } from '../db/index.js';
import { startTestApp } from '../http/testing.js';
import { PartyBook } from '../modules/offices/party-book.js';
import { listOffices } from '../modules/offices/verbs/list-offices.js';
import { updateOffice } from '../modules/offices/verbs/update-office.js';
import { readKind } from '../modules/ticket-kinds/kind-book.js';
import { ensureShippedKinds } from '../modules/ticket-kinds/ship-kinds.js';
import { demoOffices } from './demo-organisation.js';
import { seedTicketBase } from './seed-ticket-base.js';

t.test('one newcomer leads it all; a second start leaves what people changed', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const ctx = app.systemContext();
  await ensureShippedKinds(app.db, { clock: app.clock });
  await seedTicketBase(ctx, app);
  const first = await listOffices(ctx, { archived: false });
  const codes = first.items.map(({ code }) => code);
  for (const { code } of demoOffices) t.ok(codes.includes(code), code);
  t.ok(first.items.every(({ members }) => members[0]?.userId === owner.userId && members[0].isLeader));
  const rows = (await app.auditRows()).length;
  await seedTicketBase(ctx, app);
  t.equal((await app.auditRows()).length, rows, 'nothing is written again');

  const visits = first.items.find(({ code }) => code === 'visits');
  if (!visits) return t.fail('there is a group of visits');
  await updateOffice(ctx, { officeId: visits.id, version: visits.version, archived: true });
  await seedTicketBase(ctx, app);
  const now = await listOffices(ctx, { archived: true });
  t.equal(now.items.filter(({ code }) => code === 'visits').length, 1, 'what was archived is not made anew');

  const { book, kind } = await withTenant(app.db, ctx.actor, async (tx) => ({
    book: await PartyBook.load(tx, app.tenantId),
    kind: (await readKind(tx, app.tenantId, 'citizen_request'))?.kind,
  }));
  if (!kind) return t.fail('the kind of requests is published');
  const about = {
    ...{ kind, actor: owner.userId, hallId: app.hallId, regionId: null, place: null, handlerOf: () => undefined },
    state: { ...nothing, fields: { category: ['appearance', 'litter'] }, madeBy: owner.userId },
  };
  const names = (rule: Parameters<PartyBook['parties']>[0]) => book.parties(rule, about).map((one) => book.nameOf(one));
  t.same(names({ kind: 'categoryOffice', field: 'category' }), ['环卫所']);
  t.same(names({ kind: 'placeOffice', purpose: 'repair' }), ['运维班']);
  t.same(names({ kind: 'skill', skill: 'repair' }), [book.personName(owner.userId)]);
});
