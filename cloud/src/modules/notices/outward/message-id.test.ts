import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { createSealing } from '../../pki/sealing.js';
import { deliveryOf, messageIdOf } from './message-id.js';

const sealing = createSealing('test-secret-of-32-characters-or-more');

t.test('a Message-ID is known again, and cannot be made of a delivery’s id alone', (t) => {
  const id = uuidv7();
  const messageId = messageIdOf(sealing, id, 'hall@example.org');
  t.match(messageId, /^<[0-9a-f-]{36}\.[0-9a-f]{8}@example\.org>$/);
  t.equal(messageIdOf(sealing, id, 'hall@example.org'), messageId);
  t.equal(deliveryOf(sealing, messageId), id);
  t.equal(deliveryOf(sealing, messageId.toUpperCase()), id, 'servers may change its case');
  const proof = messageId.slice(38, 46);
  for (const other of [
    ...[`<${id}@example.org>`, `<${id}.${'0'.repeat(8)}@example.org>`, `<${uuidv7()}.${proof}@example.org>`],
    ...[`<${id}.${proof}0@example.org>`, '<>', '', id],
  ]) {
    t.equal(deliveryOf(sealing, other), undefined, other);
  }
  const elsewhere = createSealing('another-secret-of-32-characters-or-more');
  t.equal(deliveryOf(elsewhere, messageId), undefined, 'of another installation');
  t.end();
});
