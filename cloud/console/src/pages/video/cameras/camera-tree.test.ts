import t from 'tap';
import type { CameraHall } from '../../../api/vision.js';
import { cameraTree } from './camera-tree.js';

const hall = (name: string, regionId: string, cameras: number): CameraHall => ({
  ...{ hallId: name, name, regionId, lat: null, lon: null, units: [] },
  ...{ cameras, online: cameras, configured: 0, watching: 1, trouble: 0 },
});
const region = (regionId: string, parentId: string | null) => ({ regionId, parentId, name: regionId });

t.test('halls stand in their regions, with sums; a region without cameras is left out', async (t) => {
  const tree = cameraTree({
    regions: [region('市', '省'), region('省', null), region('空', null)],
    halls: [hall('一', '市', 3), hall('二', '省', 4)],
  });
  t.match(tree, [
    {
      ...{ name: '省', cameras: 7, watching: 2 },
      ...{ halls: [{ name: '二' }], regions: [{ name: '市', cameras: 3, halls: [{ name: '一' }] }] },
    },
  ]);
  t.equal(tree.length, 1);
});

t.test('a region whose upper one is out of reach, and regions in a circle, are still shown', async (t) => {
  t.match(cameraTree({ regions: [region('市', '看不见')], halls: [hall('一', '市', 1)] }), [
    { name: '市', cameras: 1 },
  ]);
  const circle = cameraTree({ regions: [region('a', 'b'), region('b', 'a')], halls: [hall('一', 'a', 1)] });
  t.ok(circle.length > 0);
});
