import t from 'tap';
import { clearsOnGoodSide, nameOfRule, numericProperties, toRule } from './rule-fields.js';

const named = { zh: '有功功率高于 80' };

t.test('a rule of the form is what the API takes', async (t) => {
  const base = { hallId: 'h', deviceId: 'd', severity: 'warning' } as const;
  t.same(toRule({ ...base, kind: 'threshold', property: 'power', op: 'gt', limit: 80, forSeconds: 1.5 }, named), {
    ...{ hallId: 'h', deviceId: 'd', kind: 'threshold', property: 'power', op: 'gt', limit: 80, clearLimit: null },
    ...{ forMs: 1_500, severity: 'warning', label: named, enabled: true },
  });
  t.match(toRule({ ...base, kind: 'device_offline', property: 'power', op: 'gt', limit: 80, zh: ' 掉线 ' }, named), {
    ...{ property: null, op: null, limit: null, label: { zh: '掉线' }, deviceId: 'd' },
  });
  t.match(toRule({ ...base, kind: 'unit_offline' }, named), { deviceId: null }, 'a unit is no device');
  t.match(toRule({ ...base, kind: 'unit_runway', limit: 24, clearLimit: 30, op: 'gt' }, named), {
    ...{ deviceId: null, property: null, op: null, limit: 24, clearLimit: 30 },
  });
  t.match(toRule({ ...base, kind: 'unit_clock', limit: 24 }, named), { limit: null, clearLimit: null });
});

t.test('a rule without a name is named by its condition, in both languages', async (t) => {
  const model = { label: { zh: '箱体温度', en: 'Case temperature' }, unit: 'Cel' };
  t.same(nameOfRule({ kind: 'threshold', property: 'temperature', op: 'lt', limit: 5 }, model), {
    ...{ zh: '箱体温度 < 5 °C', en: 'Case temperature < 5 °C' },
  });
  t.match(nameOfRule({ kind: 'unit_offline' }, undefined), { zh: '智能互动单元离线', en: 'Unit offline' });
});

t.test('a rule has to be able to end', async (t) => {
  t.ok(clearsOnGoodSide({ op: 'gt', limit: 80 }));
  t.ok(clearsOnGoodSide({ op: 'gt', limit: 80, clearLimit: 75 }));
  t.notOk(clearsOnGoodSide({ op: 'gt', limit: 80, clearLimit: 90 }));
  t.ok(clearsOnGoodSide({ op: 'lt', limit: 10, clearLimit: 12 }));
  t.notOk(clearsOnGoodSide({ op: 'lt', limit: 10, clearLimit: 8 }));
  t.ok(clearsOnGoodSide({ kind: 'unit_runway', limit: 12, clearLimit: 18 }));
  t.notOk(clearsOnGoodSide({ kind: 'unit_certificate', limit: 14, clearLimit: 7 }));
});

t.test('only numbers have limits, each property once', async (t) => {
  const thing = {
    properties: [
      { id: 'power', type: 'number', access: 'r' },
      { id: 'text', type: 'string', access: 'r' },
      { id: 'target', type: 'integer', access: 'w' },
    ],
  };
  const devices = [{ thing }, { thing: null }, { thing }] as never;
  t.same(
    numericProperties(devices).map(({ id }) => id),
    ['power'],
  );
});
