import t from 'tap';
import { problemToError } from '../../../api/api-error.js';
import { refusalOf } from './refusal.js';

const refused = (context: object) => problemToError(409, { code: 'conflict', context }, null);

t.test('what the engine refuses is told at the field', async (t) => {
  t.match(refusalOf(refused({ refusal: 'field_invalid', field: 'phone', problem: 'phone' })), {
    code: 'field_invalid',
    fields: { phone: 'phone' },
  });
  t.same(refusalOf(refused({ refusal: 'fields_missing', fields: ['result', 'photos'] }))?.fields, {
    result: 'missing',
    photos: 'missing',
  });
  t.match(refusalOf(refused({ refusal: 'others_not_done', count: 2 })), {
    code: 'others_not_done',
    facts: { count: 2 },
  });
  t.equal(refusalOf(refused({ refusal: 'bad_weather' })), undefined);
  t.equal(refusalOf(new Error('x')), undefined);
});
