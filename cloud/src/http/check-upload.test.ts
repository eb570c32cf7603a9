import t from 'tap';
import { checkUpload, type Upload } from './check-upload.js';

const rules = { kinds: ['png', 'pdf'], maxBytes: 1_000 } as const;
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);
const file = (given: Partial<Upload> = {}): Upload => ({ name: '现场 1.png', bytes: 500, head: png, ...given });

t.test('what it is decides, not what it is called', async (t) => {
  t.match(checkUpload(file(), rules), { kind: 'png', name: '现场 1.png' });
  t.match(checkUpload(file({ name: 'a.html' }), rules), { kind: 'png' });
  for (const head of ['<html><script>', '<svg onload=x>', 'MZ\u0090\u0000', '#!/bin/sh\n', ''])
    t.throws(() => checkUpload(file({ head: Buffer.from(head) }), rules), { code: 'unsupported' }, head);
  t.throws(
    () => checkUpload(file({ head: Buffer.from([0xff, 0xd8, 0xff]) }), rules),
    { code: 'unsupported' },
    'a kind not asked for',
  );
});

t.test('size and name', async (t) => {
  t.throws(() => checkUpload(file({ bytes: 1_001 }), rules), { code: 'too_large' });
  t.throws(() => checkUpload(file({ bytes: 0 }), rules), { code: 'invalid_input' });
  for (const name of [
    '',
    '../x.png',
    'a/b.png',
    'a\\b',
    '.htaccess',
    'x\u0000.png',
    'con.png',
    'a.png.',
    'x\u202egnp.exe',
    'a\r\nb',
    'x'.repeat(300),
  ])
    t.throws(() => checkUpload(file({ name }), rules), { code: 'invalid_input' }, JSON.stringify(name));
});
