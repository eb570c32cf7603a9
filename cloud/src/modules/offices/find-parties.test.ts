import {
  nothing,
  type Party,
  type PartyRule,
  partyRuleSchema,
  type Task,
  type TicketKind,
} from '@hallhub/shared/ticket';
import fc from 'fast-check';
import t from 'tap';
import { type DispatchQuestion, type Duty, findParties } from './find-parties.js';
import { contains } from './grid.js';
import { Organisation, type OrganisationFacts } from './organisation.js';
import { PartyBook } from './party-book.js';

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [anna, bo, chen, dora, gone] = [id(1), id(2), id(3), id(4), id(5)];
const [head, works, lights, roads, closed, spare] = [id(11), id(12), id(13), id(14), id(15), id(16)];
const [hall, farHall, city, district, other] = [id(21), id(22), id(31), id(32), id(33)];
const at = Date.UTC(2026, 10, 23, 2);

const office = (officeId: string, code: string, parentId: string | null, more: object = {}) => ({
  ...{ id: officeId, code, name: code, parentId, calendar: null, isFallback: false, isArchived: false },
  ...more,
});
const member = (officeId: string, userId: string, skills: string[] = [], isLeader = false) => ({
  ...{ officeId, userId, skills, isLeader },
});
const area = (officeId: string, more: object) => ({
  ...{ officeId, purpose: null, hallId: null, regionId: null, polygon: null },
  ...more,
});
const facts: OrganisationFacts = {
  offices: [
    office(head, 'head', null),
    office(works, 'works', head),
    office(lights, 'lights', works, { calendar: 'office' }),
    office(roads, 'roads', works),
    office(closed, 'closed', works, { isArchived: true }),
    office(spare, 'spare', null, { isFallback: true }),
  ],
  members: [
    ...[member(head, anna, [], true), member(works, bo, ['electric'], true), member(lights, chen, ['electric'])],
    ...[member(roads, dora, ['paving', 'electric']), member(roads, gone, ['paving']), member(closed, dora)],
  ],
  areas: [
    area(roads, { regionId: city }),
    area(works, { regionId: district }),
    area(lights, { regionId: district, purpose: 'light' }),
    area(head, { hallId: hall }),
    area(lights, {
      polygon: [
        [0, 0],
        [2, 0],
        [2, 2],
        [0, 2],
      ],
    }),
    area(closed, { hallId: farHall }),
  ],
  categories: [
    { officeId: works, tree: 'matters', code: 'city' },
    { officeId: lights, tree: 'matters', code: 'lamp' },
    { officeId: roads, tree: 'matters', code: 'lamp' },
    { officeId: closed, tree: 'matters', code: 'bin' },
  ],
  standIns: [{ userId: chen, standInId: dora, fromAt: at - 10, untilAt: at + 10 }],
  people: [anna, bo, chen, dora, gone].map((one) => ({ id: one, name: `P${one.at(-1)}`, isActive: one !== gone })),
  regions: new Map([
    [city, null],
    [district, city],
    [other, null],
  ]),
  halls: new Map([
    [hall, district],
    [farHall, other],
  ]),
};
const organisation = new Organisation(facts);
const load = new Map([[bo, 3]]);
const duty: Duty = { at, works: () => undefined, openTasksOf: (userId) => load.get(userId) ?? 0 };
const kind = {
  fields: [
    { key: 'who', type: 'person' },
    { key: 'where', type: 'office' },
    { key: 'matter', type: 'category', tree: 'matters' },
    { key: 'title', type: 'text' },
  ],
} as unknown as TicketKind;
const task = (party: Party, state: Task['state'] = 'open'): Task => ({
  ...{ id: id(90), purpose: 'handle', step: 's', visit: 1, party, lead: false, state, beganAt: 0 },
});
const officeParty = (officeId: string): Party => ({ kind: 'office', id: officeId });
const question = (more: Partial<DispatchQuestion> & { fields?: object; tasks?: Task[] } = {}): DispatchQuestion => {
  const { fields = {}, tasks = [], ...rest } = more;
  return {
    ...{ kind, actor: anna, hallId: null, regionId: null, place: null, handlerOf: () => undefined },
    state: { ...nothing, madeBy: bo, fields: fields as Record<string, unknown>, tasks },
    ...rest,
  };
};
const ids = (rule: PartyRule, about = question(), on: Duty = duty) =>
  findParties(organisation, on, rule, about).map((one) => one.id);

t.test('people by what they did', async (t) => {
  t.same(ids({ kind: 'initiator' }), [bo]);
  t.same(ids({ kind: 'actor' }), [anna]);
  t.same(ids({ kind: 'handlerOf', step: 's' }, question({ handlerOf: () => chen })), [chen]);
  t.same(ids({ kind: 'handlerOf', step: 's' }), []);
  t.same(ids({ kind: 'actor' }, question({ actor: 'system' })), [], 'the platform gets no tasks');
  t.same(ids({ kind: 'actor' }, question({ actor: gone })), [], 'nor who is disabled');
  t.same(ids({ kind: 'chosen', most: 3 }), []);
});

t.test('offices and fields', async (t) => {
  t.same(ids({ kind: 'office', code: 'works' }), [works]);
  t.same(ids({ kind: 'office', code: 'closed' }), []);
  t.same(ids({ kind: 'field', field: 'who' }, question({ fields: { who: chen } })), [chen]);
  t.same(ids({ kind: 'field', field: 'who' }, question({ fields: { who: works } })), []);
  t.same(ids({ kind: 'field', field: 'where' }, question({ fields: { where: works } })), [works]);
  t.same(ids({ kind: 'field', field: 'where' }, question({ fields: { where: closed } })), []);
  t.same(ids({ kind: 'field', field: 'title' }, question({ fields: { title: chen } })), [], 'a text is nobody');
});

t.test('the office of a place: grid, hall, region upwards; its purpose first', async (t) => {
  const rule = { kind: 'placeOffice' } as const;
  const inGrid = { lon: 1, lat: 1 };
  t.same(ids(rule, question({ place: inGrid, hallId: hall })), [lights]);
  t.same(ids(rule, question({ place: { lon: 3, lat: 1 }, hallId: hall })), [head]);
  t.same(ids(rule, question({ regionId: district })), [works], 'one for a purpose is not for all');
  t.same(ids({ ...rule, purpose: 'light' }, question({ regionId: district })), [lights]);
  t.same(ids({ ...rule, purpose: 'water' }, question({ regionId: district })), [works]);
  t.same(ids(rule, question({ regionId: city })), [roads]);
  t.same(ids(rule, question({ hallId: farHall })), [], 'its office is archived, its region nobody’s');
  t.same(ids(rule), []);
});

t.test('the office of a category: the nearest above; of several the one of the place', async (t) => {
  const rule = { kind: 'categoryOffice', field: 'matter' } as const;
  const of = (...matter: unknown[]) => question({ fields: { matter } });
  t.same(ids(rule, of('city', 'lamp')), [lights]);
  t.same(ids(rule, of('city', 'bin')), [works], 'whose office is archived: the one above');
  t.same(ids(rule, of('city', 'unheard')), [works]);
  t.same(ids(rule, of('sea')), []);
  t.same(ids(rule, question({ fields: { matter: ['lamp'] }, regionId: city })), [roads]);
  t.same(ids(rule, question({ fields: { matter: 'lamp' } })), [], 'no path');
});

t.test('skill: on duty, present, least to do, and always the same', async (t) => {
  const rule = { kind: 'skill', skill: 'electric' } as const;
  t.same(ids(rule), [dora], 'bo has tasks, chen is away');
  t.same(ids({ ...rule, office: 'lights' }), [chen], 'away, but nobody else');
  const busy: Duty = { ...duty, openTasksOf: (userId) => (userId === dora ? 9 : duty.openTasksOf(userId)) };
  t.same(ids(rule, question(), busy), [bo]);
  const back: Duty = { ...duty, at: at + 10 };
  t.same(ids(rule, question(), back), [chen], 'a tie: the first id');
  t.same(ids(rule, question(), { ...back, works: (code) => (code === 'office' ? false : undefined) }), [dora]);
  t.same(ids({ ...rule, office: 'closed' }), []);
  t.same(ids({ kind: 'skill', skill: 'diving' }), []);
});

t.test('leaders of who has it, so many levels above', async (t) => {
  const held = (party: Party, state?: Task['state']) => question({ tasks: [task(party, state)] });
  t.same(ids({ kind: 'leader', up: 0 }, held(officeParty(works))), [bo]);
  t.same(ids({ kind: 'leader', up: 0 }, held(officeParty(lights))), [bo], 'lights has none: the one above');
  t.same(ids({ kind: 'leader', up: 1 }, held(officeParty(works))), [anna]);
  t.same(ids({ kind: 'leader', up: 5 }, held(officeParty(works))), [anna], 'above the top: the topmost');
  t.same(ids({ kind: 'leader', up: 0 }, held({ kind: 'person', id: chen }, 'done')), [bo]);
  t.same(ids({ kind: 'leader', up: 0 }, held(officeParty(spare))), []);
  const looped = new Organisation({
    ...facts,
    offices: [office(works, 'works', lights), office(lights, 'lights', works)],
  });
  t.same(
    findParties(looped, duty, { kind: 'leader', up: 3 }, held(officeParty(lights))).map((one) => one.id),
    [bo],
  );
});

t.test('who may take what, and who stands in', async (t) => {
  const book = new PartyBook(organisation, duty);
  t.same([...book.officesOf(bo)].sort(), [works, lights, roads], 'a leader: all below, archived ones are empty');
  t.same(book.officesOf(chen), [lights]);
  const both = { ...facts, members: [member(works, chen), member(head, chen, [], true)] };
  t.same(
    [...new PartyBook(new Organisation(both), duty).officesOf(chen)].sort(),
    [head, works, lights, roads],
    'a member of one, and leader of the one above: all below both',
  );
  t.same(
    [...book.officesOf(dora)].sort(),
    [roads, closed],
    'what came to an office at its last moment is still somebody’s',
  );
  t.same(book.officesOf(gone), []);
  t.same(book.standsInFor(dora, at), [chen]);
  t.same(book.standsInFor(dora, at + 10), [], 'half open');
  t.same(book.fallback, officeParty(spare));
  t.equal(book.nameOf(officeParty(closed)), 'closed');
  t.equal(book.personName(gone), 'P5');
  t.equal(book.personName('system'), '系统');
  t.equal(book.personName('nobody'), '');
  t.notOk(book.choosable(anna).some((one) => one.id === closed || one.id === gone));
  t.same(book.choosable(gone), []);
  t.throws(() => new PartyBook(new Organisation({ ...facts, offices: [] }), duty), { code: 'bug' });
});

t.test('neighbouring grids share no point', async (t) => {
  const west = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const;
  const east = [
    [1, 0],
    [2, 0],
    [2, 1],
    [1, 1],
  ] as const;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 7 }), (x, y) => {
      const place = { lon: x / 8, lat: y / 8 };
      return [west, east].filter((one) => contains(one, place)).length <= 1;
    }),
  );
  t.ok(contains(west, { lon: 0.5, lat: 0.5 }));
  t.notOk(contains([], { lon: 0, lat: 0 }));
});

const anyId = fc.constantFrom(anna, bo, gone, works, closed, hall, city, 'nonsense', '__proto__');
const anyRule = fc.oneof(
  fc.constantFrom<unknown[]>({ kind: 'initiator' }, { kind: 'actor' }, { kind: 'placeOffice' }, { kind: 'chosen' }),
  fc.record({ kind: fc.constant('office'), code: fc.constantFrom('works', 'closed', '__proto__') }),
  fc.record({ kind: fc.constant('field'), field: fc.constantFrom('who', 'where', 'title', 'constructor') }),
  fc.record({ kind: fc.constant('categoryOffice'), field: fc.constantFrom('matter', 'who', 'nothing') }),
  fc.record({ kind: fc.constant('placeOffice'), purpose: fc.constantFrom('light', 'water') }),
  fc.record({ kind: fc.constant('skill'), skill: fc.constantFrom('electric', 'paving', 'constructor') }),
  fc.record({ kind: fc.constant('leader'), up: fc.nat(5) }),
  fc.record({ kind: fc.constant('handlerOf'), step: fc.constantFrom('s', 'constructor') }),
);

t.test(
  'whatever a ticket holds, a rule never throws, finds only people and offices in use, and the fallback has the rest',
  async (t) => {
    const book = new PartyBook(organisation, duty);
    const inUse = new Set([...organisation.offices.map((one) => one.id), anna, bo, chen, dora]);
    fc.assert(
      fc.property(
        anyRule,
        fc.dictionary(
          fc.constantFrom('who', 'where', 'matter', 'title'),
          fc.oneof(anyId, fc.jsonValue(), fc.array(anyId)),
        ),
        fc.array(anyId, { maxLength: 4 }),
        fc.record({ hallId: fc.option(anyId), regionId: fc.option(anyId), actor: anyId }),
        fc.option(fc.record({ lon: fc.double(), lat: fc.double() })),
        (rule, fields, holders, where, place) => {
          const tasks = holders.map((one, i) =>
            task({ kind: i % 2 ? 'person' : 'office', id: one }, i > 1 ? 'done' : 'open'),
          );
          const about = question({ fields, tasks, place, ...where, handlerOf: () => where.actor });
          const { data } = partyRuleSchema.safeParse(rule);
          // What every object has is no name of a field or step.
          if (!data) return JSON.stringify(rule).includes('constructor');
          const found = book.parties(data, about);
          const [party] = found.length > 0 ? found : [book.fallback];
          return party !== undefined && inUse.has(party.id) && found.every((one) => inUse.has(one.id));
        },
      ),
      { numRuns: 2_000 },
    );
    t.pass();
  },
);
