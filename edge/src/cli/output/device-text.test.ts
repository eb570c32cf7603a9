import t from 'tap';
import type { LocalResult } from '../../local-api/contract.js';
import { deviceText } from './device-text.js';
import type { Terminal } from './terminal.js';

const plain = (text: string) => text;
const terminal: Terminal = {
  out: () => {},
  err: () => {},
  width: undefined,
  style: { good: plain, warn: plain, bad: plain, dim: plain },
  now: () => 1_000_000,
};

t.test('a device’s page names its readings and what it can do', async (t) => {
  const detail: LocalResult<'devices.show'> = {
    deviceId: '01a200bf-3e58-7000-9d87-ef6ef9968657',
    revision: 1,
    state: 'active',
    identity: { vendor: 'hallhub', model: 'qm-200', serial: 'QM1' },
    deviceClass: 'queue-machine',
    protocol: 'mqtt',
    adapterId: 'mqtt',
    address: '127.0.0.1',
    presence: 'online',
    values: { waiting: { value: 3, quality: 'good', at: 998_000 } },
    evidence: [],
    commands: [],
    aside: [],
    thing: {
      properties: [{ id: 'waiting', unit: '1' }],
      commands: [
        {
          id: 'callNext',
          label: { zh: '叫下一位', en: 'Call next' },
          input: [
            { id: 'counter', type: 'integer', range: [1, 99] },
            { id: 'queue', type: 'enum', values: [{ id: 'personal' }, { id: 'corporate' }] },
          ],
        },
        { id: 'reset', label: { zh: '号码清零' }, dangerous: true },
      ],
    },
  };
  const text = deviceText(detail, terminal);
  t.match(text, /waiting +3 +2 s ago +good/);
  t.match(text, /callNext +counter=1\.\.99 queue=personal\|corporate +Call next/);
  t.match(text, /reset +号码清零 \(dangerous\)/);
  t.notMatch(deviceText({ ...detail, thing: undefined }, terminal), 'IT CAN');
});
