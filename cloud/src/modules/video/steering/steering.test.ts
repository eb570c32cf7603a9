import t from 'tap';
import { openTestVideo } from '../test-video.js';
import { holdMs } from './judge-hold.js';

t.setTimeout(300_000);

const setup = async (t: Parameters<typeof openTestVideo>[0]) => {
  const { cloud, deviceId, told, watch } = await openTestVideo(t);
  const steers = () =>
    told
      .filter(({ topic }) => topic.endsWith('/down/steer'))
      .map(
        ({ message }) =>
          message as unknown as { session: string; seq: number; by: string; since: number; do: { what: string } },
      );
  /** Somebody with the picture before them. */
  const person = async (role: string) => {
    const api = await cloud.signInAs(role);
    const look = (await api.post('/video/watch', { deviceIds: [deviceId] })).body;
    const screen = watch(`${look.path}?ticket=${encodeURIComponent(look.ticket)}`);
    await screen.until(() => screen.seen.length > 0);
    const said: { steer: { state: string } }[] = [];
    screen.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) said.push(JSON.parse(data.toString('utf8')));
    });
    const send = (message: object) => screen.socket.send(JSON.stringify(message));
    const take = async (over: object = {}) => {
      const { status, body } = await api.post('/video/steer', { deviceId, ...over });
      if (body.ticket) send({ steer: body.ticket });
      return { status, ...body };
    };
    return {
      api,
      take,
      said,
      act: (action: object) => send({ camera: 0, do: action }),
      close: () => screen.socket.close(),
    };
  };
  const until = async (what: string, is: () => boolean) => {
    const end = Date.now() + 60_000;
    while (!is()) {
      if (Date.now() > end) throw new Error(`${what} was not so in time: ${JSON.stringify(steers())}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { cloud, deviceId, steers, person, until };
};

const move = { what: 'move', pan: 0.5, tilt: 0, zoom: 0, holdMs: 600 };

t.test('one hand at a time, from the browser to the unit', async (t) => {
  const { cloud, steers, person, until } = await setup(t);
  const engineer = await person('field-engineer');
  const manager = await person('hall-manager');
  const owner = await person('owner');
  engineer.act(move);
  await until('the refusal', () => engineer.said.length === 1);
  t.match(engineer.said, [{ steer: { camera: 0, state: 'lost' } }], 'nobody turns without the ticket');
  t.equal(steers().length, 0);

  const first = await engineer.take();
  t.match(first, { status: 201, heldBy: null });
  engineer.act(move);
  engineer.act({ what: 'stop' });
  await until('the words to arrive', () => steers().length === 3);
  t.match(steers(), [
    { seq: 0, do: { what: 'stop' } },
    { seq: 1, do: move, session: first.session },
    { seq: 2, do: { what: 'stop' } },
  ]);
  t.match(await cloud.auditRows('camera.steered'), [{ hallId: cloud.hallId }], 'one entry, however many words');

  t.match(await manager.take(), { ticket: null, heldBy: { canTakeOver: true } });
  const second = await manager.take({ takeOver: true });
  t.match(second, { heldBy: null });
  t.ok(steers().at(-1)!.since > steers()[0]!.since, 'the unit knows whose word is the later one');
  t.match(
    await owner.take({ takeOver: true }),
    { ticket: null, heldBy: { canTakeOver: false } },
    'among equals nobody',
  );
  t.equal((await cloud.auditRows('camera.steered')).length, 2);

  await cloud.clock.advance(6_000);
  engineer.act(move);
  await until('to be told', () => engineer.said.at(-1)?.steer.state === 'lost');
  manager.act(move);
  manager.close();
  await until('the release', () => steers().at(-1)?.do.what === 'release');
  t.equal(steers().at(-1)?.session, second.session, 'a browser that is gone leaves nothing turning');
  const end = Date.now() + 60_000;
  let again = await engineer.take();
  while (again.heldBy && Date.now() < end) again = await engineer.take();
  t.match(again, { heldBy: null });
});

t.test('who pauses for long loses it only to somebody', async (t) => {
  const { cloud, steers, person, until } = await setup(t);
  const engineer = await person('field-engineer');
  const { session } = await engineer.take();
  await cloud.clock.advance(holdMs + 1_000);
  engineer.act(move);
  await until('the word', () => steers().at(-1)?.do.what === 'move');
  t.equal(steers().at(-1)?.session, session);
  t.equal((await cloud.auditRows('camera.steered')).length, 1);
});

t.test('what was let go is taken anew; nobody floods a unit', async (t) => {
  const { cloud, steers, person, until } = await setup(t);
  const engineer = await person('field-engineer');
  const first = await engineer.take();
  for (let i = 0; i < 200; i++) engineer.act({ what: 'stop' });
  engineer.act({ what: 'release' });
  await until('the release', () => steers().at(-1)?.do.what === 'release');
  t.equal(steers().length, 62, 'the first, sixty, and the release');
  await cloud.clock.advance(1_000);
  const end = Date.now() + 60_000;
  let next = await engineer.take({ renew: first.ticket });
  while (next.session === first.session && Date.now() < end) next = await engineer.take({ renew: first.ticket });
  t.not(next.session, first.session, 'its words are counted from the beginning');
  t.equal((await cloud.auditRows('camera.steered')).length, 2);
  t.equal((await engineer.take({ renew: next.ticket })).session, next.session, 'what is held goes on');
});

t.test('presets that are kept and removed are in the trail', async (t) => {
  const { cloud, deviceId, person } = await setup(t);
  const engineer = await person('field-engineer');
  await engineer.take();
  engineer.act({ what: 'save', name: '大门' });
  engineer.act({ what: 'remove', preset: '3' });
  const end = Date.now() + 60_000;
  const rows = async () => [
    ...(await cloud.auditRows('camera.preset_saved')),
    ...(await cloud.auditRows('camera.preset_removed')),
  ];
  let written = await rows();
  while (written.length < 2 && Date.now() < end) written = await rows();
  t.match(written, [
    { targetId: deviceId, hallId: cloud.hallId, actorName: /field-engineer/, after: { name: '大门' } },
    { targetId: deviceId, after: { preset: '3' } },
  ]);
});

t.test('who may not', async (t) => {
  const { cloud, deviceId, person } = await setup(t);
  const observer = await person('observer');
  t.equal((await observer.take()).status, 403);
  const foreign = await cloud.signInAs('owner', { tenant: 'other' });
  t.equal((await foreign.post('/video/steer', { deviceId })).status, 404);
  const elsewhere = await cloud.signInAs('field-engineer', { hallIds: [cloud.otherHallId] });
  t.equal((await elsewhere.post('/video/steer', { deviceId })).status, 404);
});
