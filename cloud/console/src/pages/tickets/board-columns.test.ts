import t from 'tap';
import type { TicketRow } from '../../api/tickets.js';
import { boardColumns, stepOnBoard } from './board-columns.js';

const row = (id: string, phase: string, zh: string) => ({ id, state: { id: zh, phase, label: { zh } } }) as TicketRow;

t.test('columns stand in the order of life; steps stay on the board', async (t) => {
  const columns = boardColumns([
    row('a', 'solved', '待回访'),
    row('b', 'new', '待派遣'),
    row('c', 'open', '处置中'),
    row('d', 'new', '待派遣'),
  ]);
  t.same(
    columns.map(({ label, rows }) => [label.zh, rows.map(({ id }) => id)]),
    [
      ['待派遣', ['b', 'd']],
      ['处置中', ['c']],
      ['待回访', ['a']],
    ],
  );
  t.equal(stepOnBoard(columns, undefined, 'down'), 'b');
  t.equal(stepOnBoard(columns, 'b', 'down'), 'd');
  t.equal(stepOnBoard(columns, 'd', 'down'), 'd');
  t.equal(stepOnBoard(columns, 'd', 'right'), 'c', 'a shorter column: its last');
  t.equal(stepOnBoard(columns, 'b', 'left'), 'b');
  t.equal(stepOnBoard([], 'b', 'left'), undefined);
});
