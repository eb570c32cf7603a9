import fc from 'fast-check';
import t from 'tap';
import type { CameraHall } from '../../../api/vision.js';
import { planOf } from './hall-plan.js';

const hall = (lat: number | null, lon: number | null): CameraHall => ({
  ...{ hallId: `${lat} ${lon}`, name: '厅', regionId: 'r', lat, lon, units: [] },
  ...{ cameras: 1, online: 1, configured: 0, watching: 0, trouble: 0 },
});

t.test('north is at the top, east at the right, to scale', async (t) => {
  const plan = planOf([hall(31, 121), hall(32, 121), hall(31, 122), hall(null, null)]);
  const [origin, north, east] = plan?.places ?? [];
  t.equal(plan?.places.length, 3);
  if (!origin || !north || !east) return;
  t.ok(north.y < origin.y && north.x === origin.x);
  t.ok(east.x > origin.x && east.y === origin.y);
  t.ok(Math.abs((east.x - origin.x) / (origin.y - north.y) - Math.cos((31.33 * Math.PI) / 180)) < 0.02);
});

t.test('one hall, or hundreds, are no map', async (t) => {
  t.equal(planOf([hall(31, 121), hall(null, 121)]), undefined);
  t.equal(planOf(Array.from({ length: 200 }, (_, i) => hall(30 + i / 1_000, 121))), undefined);
});

t.test('wherever halls are, they are in the picture', async () => {
  const place = fc.tuple(
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.double({ min: -180, max: 180, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(place, { minLength: 2, maxLength: 20 }), (places) => {
      const plan = planOf(places.map(([lat, lon]) => hall(lat, lon)));
      return plan?.places.every(({ x, y }) => x >= 0 && x <= plan.width && y >= 0 && y <= plan.height) ?? false;
    }),
  );
});
