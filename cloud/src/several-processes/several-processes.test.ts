import pino from 'pino';
import t from 'tap';
import { missingBroker } from './__fixtures__/broker.js';
import { killedInTurn } from './__fixtures__/killed-in-turn.js';
import { onceOnly } from './__fixtures__/once-only.js';
import { tellEachOther } from './__fixtures__/tell-each-other.js';
import { startTwoClouds } from './__fixtures__/two-clouds.js';

const log = pino({ level: process.env.LOG ?? 'silent' });

t.setTimeout(600_000);

t.test(
  'two clouds over one database and one broker: either is killed in the middle of batches, the broker too, and the books agree',
  { skip: missingBroker, timeout: 580_000 },
  async (t) => {
    const clouds = await startTwoClouds(t, log);
    await tellEachOther(t, clouds);
    await killedInTurn(t, clouds);
    await onceOnly(t, clouds);
    for (const cloud of [clouds.a, clouds.b]) t.equal(await cloud.stop(), 0);
  },
);
