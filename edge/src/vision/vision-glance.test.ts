import t from 'tap';
import { glanceAtVision } from './vision-glance.js';

const found = (cameraId: string, name: string, startedAt: number) => ({
  cameraId,
  finding: { rule: { name }, startedAt },
});

t.test('a line a camera; what was found is read anew only after something was found', async (t) => {
  const camera = { cameraId: 'c1', name: '柜台', enabled: true, rules: 1, state: 'stopped', reason: undefined };
  let standings: object[] = [];
  let seal: string | undefined;
  let reads = 0;
  const status = { state: 'starting', cameras: [{ cameraId: 'c1', people: 3 }] };
  const vision = {
    standings: () => standings,
    worker: { status },
    book: {
      lastSeal: () => seal,
      latest: () => {
        reads += 1;
        return [found('c1', '脱岗', 20), found('c1', '聚集', 10), found('gone', '越线', 5)];
      },
    },
  };
  const glance = glanceAtVision({ vision } as unknown as Parameters<typeof glanceAtVision>[0]);
  t.equal(glance(), undefined, 'nothing is set up');
  standings = [camera];
  t.match(glance(), { process: 'starting', cameras: [{ id: 'c1', name: '柜台', state: 'starting', people: 3 }] });
  t.equal(reads, 0);
  seal = 'a';
  t.match(glance(), { cameras: [{ last: { rule: '脱岗', startedAt: 20 } }] });
  glance();
  t.equal(reads, 1);
  status.state = 'waiting';
  t.match(glance(), { cameras: [{ state: 'stopped' }] });
});
