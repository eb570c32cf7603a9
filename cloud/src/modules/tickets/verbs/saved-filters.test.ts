import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { insertAtOnce } from '../../../db/__fixtures__/insert-at-once.js';
import { bringUpTickets } from '../testing.js';

t.setTimeout(300_000);

t.test('fifty filters a person, however many are saved at once; others have their own', async (t) => {
  const cloud = await bringUpTickets(t);
  const person = await cloud.signInAs('ticket-clerk');
  for (let i = 0; i < 49; i++) {
    await cloud.rows(
      `INSERT INTO ticket_filters (tenant_id, person_id, id, name, filter) VALUES ($1, $2, $3, $4, '{}')`,
      [cloud.tenantId, person.userId, uuidv7(), `存过的 ${i}`],
    );
  }
  const save = (name: string, who = person) => who.post('/ticket-filters', { name, filter: {} });
  const asks = [1, 2, 3].map((i) => () => save(`同时 ${i}`));
  const answers = await insertAtOnce(cloud.db, { table: 'ticket_filters', asks });
  t.same(answers.map(({ status }) => status).sort(), [201, 409, 409]);
  t.match(answers.find(({ status }) => status === 409)?.body, { context: { reason: 'too_many', most: 50 } });
  t.equal((await save('别人的', await cloud.signInAs('ticket-clerk'))).status, 201);
});
