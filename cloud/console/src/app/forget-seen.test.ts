import t from 'tap';
import { makeQueryClient } from '../api/query-client.js';
import { type Me, meQuery } from '../api/session.js';
import { enterAs } from './forget-seen.js';

t.test('who signs in after a session that ended finds nothing that another person saw', (t) => {
  const client = makeQueryClient();
  client.setQueryData(['tickets', 'one', '1'], { title: '投诉' });
  client.setQueryData(['me', 'sessions'], []);
  client.setQueryData(meQuery.queryKey, null);
  enterAs(client, { user: { id: '2' } } as Me);
  t.same(
    client
      .getQueryCache()
      .getAll()
      .map(({ queryKey }) => queryKey),
    [meQuery.queryKey],
  );
  t.match(client.getQueryData(meQuery.queryKey), { user: { id: '2' } });
  client.clear();
  t.end();
});
