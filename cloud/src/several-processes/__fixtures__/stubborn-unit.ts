import { systemClock } from '@hallhub/shared';
import { type TestStream, TestUnit } from '../../modules/streams/testing.js';

/** A unit as stubborn as the real one: says hello, sends from the cursor on, asks again whatever is not answered. */
export const runStubbornUnit = async (
  url: () => string,
  credential: { readonly unitId: string; readonly secret: string },
  stream: TestStream,
  of: { readonly batch: number; readonly onAck: (cursor: number) => void },
): Promise<void> => {
  let acknowledged = 0;
  while (acknowledged < stream.head) {
    let unit: TestUnit | undefined;
    try {
      unit = await TestUnit.connect(url(), credential);
      unit.patienceMs = 10_000;
      const { streams } = await unit.hello([stream]);
      const cursor = streams[0]!.cursor;
      if (cursor < acknowledged) throw new Error(`LOST: ${acknowledged} was acknowledged, the cloud has ${cursor}`);
      acknowledged = cursor;
      while (acknowledged < stream.head) {
        const payload = stream.batch(acknowledged + 1, Math.min(of.batch, stream.head - acknowledged));
        const answer = await Promise.race([
          unit.sendBatch(stream, payload),
          systemClock.sleep(2_500).then(() => {
            throw new Error('no answer: ask again');
          }),
        ]);
        if (answer.result === 'committed') {
          acknowledged = answer.cursor;
          of.onAck(acknowledged);
        } else if (answer.result === 'busy') await systemClock.sleep(200);
        else break;
      }
    } catch (error) {
      if ((error as Error).message.startsWith('LOST')) throw error;
      await systemClock.sleep(100 + Math.random() * 200);
    } finally {
      unit?.cut();
    }
  }
};
