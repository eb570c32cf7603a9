import t from 'tap';
import type { Adapter, DeviceView } from '../ports/index.js';
import { readProperties } from './read-properties.js';

const property = (id: string, more: object = {}) => ({ id, type: 'number', access: 'r', role: 'normal', ...more });
const device = {
  deviceId: 'd',
  profile: {
    document: {
      thing: { properties: [property('power', { range: [0, 10] }), property('scale', { role: 'internal' })] },
      bindings: {},
    },
  },
} as unknown as DeviceView;
const adapter = (values: object) => ({ read: async () => ({ deviceId: 'd', values }) }) as unknown as Adapter;
const read = (values: object, wanted?: string[]) =>
  readProperties(adapter(values), device, { wanted, known: new Map(), signal: AbortSignal.timeout(1_000) });

t.test('a device that answers more than it was asked, or what does not fit, gives none of it away', async (t) => {
  t.match(await read({ power: 7, scale: 2, owner: 'Zhang' }), { values: { power: 7 } });
  t.same(Object.keys((await read({ power: 7, scale: 2, owner: 'Zhang' })).values), ['power']);
  t.same((await read({ power: 'high' })).values, {}, 'not of its type');
  t.match(await read({ power: 11 }), { values: { power: 11 }, quality: { power: 'bad' } });
  await t.rejects(read({}, ['scale']), { code: 'invalid_input' });
});
