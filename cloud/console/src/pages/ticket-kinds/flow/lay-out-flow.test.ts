import t from 'tap';
import { blankKind } from '../draft/__fixtures__/blank-kind.js';
import { wholeKind } from '../draft/whole-kind.js';
import { layOutFlow, nodeHeight, nodeWidth } from './lay-out-flow.js';

const kind = wholeKind(blankKind({ code: 'trial', label: { zh: '试' }, prefix: 'SY' }));
const at = (drawing: ReturnType<typeof layOutFlow>, id: string) => drawing.nodes.find((node) => node.id === id);

t.test('work goes from left to right, what goes back runs below', async (t) => {
  const drawing = layOutFlow(kind);
  t.same(
    ['handle', 'confirm', 'closed'].map((id) => at(drawing, id)?.rank),
    [0, 1, 2],
  );
  t.match(drawing.edges, [
    { from: 'handle', to: 'confirm', goesBack: false },
    { from: 'confirm', to: 'closed', goesBack: false },
    { from: 'confirm', to: 'handle', goesBack: true, isReturn: true },
  ]);
  t.strictSame(drawing, layOutFlow(structuredClone(kind)));
});

t.test('no step lies upon another, and all is within the picture', async (t) => {
  const wide = {
    start: 's0',
    steps: Array.from({ length: 14 }, (_, i) => ({
      ...kind.steps[0],
      id: `s${i}`,
      actions: [1, 3, 7, 14 - i].map((by) => ({
        ...{ id: `a${by}`, label: { zh: '去' }, act: 'submit', to: [{ step: `s${(i + by) % 14}` }], marks: [] },
      })),
    })),
  } as unknown as typeof kind;
  const { nodes, width, height, edges } = layOutFlow(wide);
  t.equal(nodes.length, 14);
  for (const a of nodes) {
    t.ok(a.x >= 0 && a.y >= 0 && a.x + nodeWidth <= width && a.y + nodeHeight <= height, a.id);
    for (const b of nodes) {
      if (a !== b) t.notOk(Math.abs(a.x - b.x) < nodeWidth && Math.abs(a.y - b.y) < nodeHeight, `${a.id} ${b.id}`);
    }
  }
  for (const { path, labelY } of edges) {
    t.notMatch(path, /NaN|undefined/);
    t.ok(labelY > 0 && labelY < height);
  }
});

t.test('unknown targets and steps that nothing leads to are drawn all the same', async (t) => {
  const island = { ...kind.steps[0], id: 'island', actions: [] } as (typeof kind.steps)[number];
  const drawing = layOutFlow({ start: 'nowhere', steps: [...kind.steps, island] });
  t.equal(drawing.nodes.length, 4);
  t.equal(layOutFlow({ start: '', steps: [] }).nodes.length, 0);
});
