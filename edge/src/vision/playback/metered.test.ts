import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { type RecordingAsk, recordingProblemSchema, spansAnswerSchema } from '@hallhub/shared/vision';
import t from 'tap';
import { RecordingsDesk } from './recordings-desk.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => logger } as never;

t.test('a line that is paid for by volume: what was recorded goes to who asks for it all the same', async (t) => {
  const posted: Promise<string>[] = [];
  const desk = new RecordingsDesk({
    ...{ folder: t.testdir(), clock: systemClock, logger, bytesPerSecond: 1e6, isMetered: true },
    share: { take: () => 0, bytesPerSecond: undefined },
    request: async ({ body }) => {
      posted.push(text(body as Readable));
      await posted.at(-1);
      return { status: 204, headers: {}, body: Buffer.alloc(0), chain: [] };
    },
  });
  const answerTo = async (ask: RecordingAsk, despiteMetered?: boolean) => {
    const before = posted.length;
    desk.take({
      ...{ v: 1, requestId: `cloud.${uuidv7()}`, deviceId: uuidv7(), withinMs: 10_000, at: Date.now(), ask },
      ...(despiteMetered === undefined ? {} : { despiteMetered }),
    });
    while (posted.length === before) await new Promise((resolve) => setImmediate(resolve));
    return JSON.parse((await posted[before]) as string) as unknown;
  };
  const plan: RecordingAsk = { kind: 'plan', from: 0, to: 1_000 };
  t.match(recordingProblemSchema.parse(await answerTo(plan)), { problem: 'metered' });
  const media: RecordingAsk = { kind: 'media', from: 0, pictures: 'all', maxBytes: 10_000 };
  t.match(recordingProblemSchema.parse(await answerTo(media)), { problem: 'metered' });
  t.match(recordingProblemSchema.parse(await answerTo(plan, true)), { problem: 'not_recorded' }, 'it was looked for');
  const spans = spansAnswerSchema.parse(await answerTo({ kind: 'spans', from: 0, to: 1_000 }));
  t.same(spans.spans, [], 'what there is costs next to nothing');
  await desk.close();
});
