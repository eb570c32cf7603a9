import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presenceReasons } from '@hallhub/shared/wire';
import t from 'tap';
import { reasonCode } from './reason-code.js';

t.test('sentences of the unit become codes', async (t) => {
  t.equal(reasonCode('waits for approval'), 'waits_approval');
  t.equal(reasonCode('no profile for HallHub qm-900'), 'unknown_model');
  t.equal(reasonCode('no profile fits'), 'unknown_model');
  t.equal(reasonCode('no profile fits vendor "Acme", model "X 1"'), 'unknown_model');
  t.equal(reasonCode('a/b and a/c fit vendor "Acme" equally well'), 'ambiguous');
  t.equal(reasonCode('came back after it was retired'), 'came_back');
  t.equal(reasonCode('its messages fit the topics of tasmota/plug'), 'fits_topics');
  t.equal(reasonCode('unit id 7 answers: no profile fits'), 'answers_unknown');
});

t.test('codes and what people wrote stay', async (t) => {
  t.equal(reasonCode('poll_failed'), 'poll_failed');
  t.equal(reasonCode('铭牌对不上'), '铭牌对不上');
  t.equal(reasonCode('refused by a person, as it smokes'), 'refused by a person, as it smokes');
});

t.test('every code has its word', async (t) => {
  const words = JSON.parse(readFileSync(join(import.meta.dirname, '../../i18n/zh/common.json'), 'utf8')).reason;
  for (const sentence of ['waits for approval', 'no profile fits', 'a and b fit c equally well'])
    t.type(words[reasonCode(sentence)], 'string');
  for (const code of ['came_back', 'refused_by_person', 'retired_by_person', 'fits_topics', 'answers_unknown'])
    t.type(words[code], 'string');
  // What devices' presence is judged by, and a unit's link: the last four are the cloud's own.
  for (const code of [...presenceReasons, 'hello', 'heartbeat', 'archived', 'never'])
    t.type(words[code], 'string', code);
});
