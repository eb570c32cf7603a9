import type { ThingModel } from '@hallhub/shared/thing';
import t from 'tap';
import { commandEntries, isWritable } from './writable.js';

const thing = {
  properties: [{ id: 'brightness', label: { zh: '亮度' }, type: 'integer', access: 'rw', role: 'setting' }],
  events: [],
  commands: [
    {
      id: 'showCall',
      label: { zh: '显示叫号' },
      input: [{ id: 'ticket', label: { zh: '号码' }, type: 'string', optional: false }],
      output: [],
    },
  ],
} as unknown as ThingModel;

t.test('only a device in use is written, and only where its model says so', async (t) => {
  t.ok(isWritable({ state: 'active' }, { access: 'rw' }));
  t.ok(isWritable({ state: 'active' }, { access: 'w' }));
  t.notOk(isWritable({ state: 'active' }, { access: 'r' }));
  t.notOk(isWritable({ state: 'retired' }, { access: 'rw' }));
});

t.test('what a command carried is named by the model', async (t) => {
  const of = (name: string, input: Record<string, unknown>) =>
    commandEntries(thing, { name, input, output: null }, 'input');
  t.match(of('showCall', { ticket: 'A001' }), [{ name: 'ticket', shape: { label: { zh: '号码' } }, value: 'A001' }]);
  t.match(of('property.write', { values: { brightness: 3, other: 1 } }), [
    { name: 'brightness', shape: { label: { zh: '亮度' } }, value: 3 },
    { name: 'other', shape: undefined, value: 1 },
  ]);
  t.same(commandEntries(null, { name: 'x', input: null, output: null }, 'output'), []);
});
