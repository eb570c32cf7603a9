import t from 'tap';
import type { Right } from '../api/session.js';
import { firstPage } from './page-table.js';

const having =
  (...rights: Right[]) =>
  (right: Right) =>
    rights.includes(right);

t.test('who handles tickets begins there, everybody else at the first page that they may see', async (t) => {
  t.equal(firstPage(having('place.read', 'ticket.read', 'ticket.act'))?.path, '/tickets');
  t.equal(firstPage(having('place.read', 'ticket.read'))?.path, '/halls');
  t.equal(firstPage(having('audit.read'))?.path, '/admin/audit');
  t.equal(firstPage(having('ticket.act')), undefined, 'no page is open to whoever may read nothing');
});
