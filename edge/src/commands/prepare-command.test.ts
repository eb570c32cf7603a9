import t from 'tap';
import type { Adapter, DeviceView } from '../ports/index.js';
import type { CommandRecord } from '../store/schema.js';
import { type PrepareParts, prepareCommand } from './prepare-command.js';

const label = { zh: '字' };
const text = (id: string, personal = false) => ({ id, label, type: 'string', access: 'r', personal });
const thing = {
  properties: [text('model'), text('lastHolder', true)],
  commands: [{ id: 'readCard', label, timeoutMs: 1_000, input: [], output: [text('kind'), text('idNumber', true)] }],
};
const device = { deviceId: 'd', adapterId: 'a', state: 'active', profile: { document: { thing, bindings: {} } } };

const run = (name: string, reply: object) => {
  const adapter = {
    execute: async () => reply,
    read: async () => ({ deviceId: 'd', values: reply }),
  } as unknown as Adapter;
  const parts = {
    registry: { get: () => device as unknown as DeviceView, values: () => new Map() },
    adapterOf: () => adapter,
  };
  const command = { commandId: 'c', deviceId: 'd', name, input: {} } as CommandRecord;
  return prepareCommand(parts as unknown as PrepareParts)(command).run(new AbortController().signal, 1_000);
};

t.test('what a command brings back about a person is masked: it goes to the cloud', async (t) => {
  t.same(await run('readCard', { kind: 'idCard', idNumber: '110101199003070011' }), {
    kind: 'idCard',
    idNumber: '110••••••••11',
  });
  t.same(await run('property.read', { model: 'x', lastHolder: '张三' }), { values: { model: 'x', lastHolder: '张•' } });
});
