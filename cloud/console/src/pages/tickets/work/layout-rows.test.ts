import { type TicketField, ticketKindSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import { layoutRows } from './layout-rows.js';

const field = (key: string) => ({ key, label: { zh: key }, type: 'text' }) as unknown as TicketField;
const layout = ticketKindSchema.shape.layout.parse([
  { label: { zh: '诉求' }, rows: [['title', 'phone'], ['gone']] },
  { label: { zh: '办理' }, rows: [['result']] },
]);

t.test('the kind’s rows, without what is not asked for, and nothing left out', async (t) => {
  const document = { fields: ['title', 'phone', 'result', 'extra'].map(field), layout };
  const seen = layoutRows(document, ['title', 'phone', 'extra']).map(({ label, rows }) => [
    label?.zh,
    rows.map((row) => row.map(({ key }) => key)),
  ]);
  t.same(seen, [
    ['诉求', [['title', 'phone']]],
    [undefined, [['extra']]],
  ]);
});
