import { HubError } from '@hallhub/shared';
import t from 'tap';
import { asDatabaseAway } from './database-away.js';

const coded = (code: string, rest: object = {}) => Object.assign(new Error('x'), { code, ...rest });

t.test('a database that went away is told from faults of our own', async (t) => {
  for (const error of [
    coded('57P01'),
    coded('08006'),
    coded('ECONNREFUSED', { syscall: 'connect' }),
    coded('ENOENT', { syscall: 'connect', address: '/run/.s.PGSQL.5432' }),
    new Error('Connection terminated unexpectedly'),
    new HubError('bug', 'database migration failed', { cause: coded('57P01') }),
  ])
    t.match(asDatabaseAway(error), { code: 'unavailable', cause: error });
  const others = [coded('42P01'), coded('ENOENT', { syscall: 'open' }), new HubError('store_full', 'x'), 'text', null];
  for (const error of others) t.equal(asDatabaseAway(error), error);
});
