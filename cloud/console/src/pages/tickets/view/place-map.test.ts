import t from 'tap';
import { placeMap, wayTo } from './place-map.js';

const place = { lon: 120.15, lat: 30.28 };
const hall = { key: 'h', name: '演示营业厅', lon: 120.16, lat: 30.29 };

t.test('true to scale, within the picture, north at the top', async (t) => {
  const map = placeMap(place, [hall, { ...hall, key: 'far', lon: 10 }]);
  t.equal(map.points.length, 1, 'what is on the other side of the world is left out');
  const [point] = map.points;
  t.ok(point && point.x > map.middle.x && point.y < map.middle.y, 'north-east');
  t.ok(point && point.x <= map.width && point.y >= 0);
  t.ok(map.cellPx >= 40);
  t.ok(map.across.every((x) => x >= 0 && x <= map.width));
  t.ok(placeMap({ lon: 0, lat: 90 }, []).across.length > 1, 'even at the pole');
});

t.test('how far and where to', async (t) => {
  t.equal(wayTo(place, { lon: place.lon, lat: place.lat + 0.01 }).wind, 'n');
  t.equal(wayTo(place, { lon: place.lon - 0.01, lat: place.lat }).wind, 'w');
  t.ok(Math.abs(wayTo(place, { lon: place.lon, lat: place.lat + 0.01 }).metres - 1113) < 2);
});
