import t from 'tap';
import { bringUpCamera } from '../../vision/testing.js';
import { type LiveTicket, LiveTickets } from '../live-ticket.js';
import { watchCameras } from './watch-cameras.js';

t.test(
  'cameras stand in the ticket as they were asked for: by their place their pictures are told apart',
  async (t) => {
    const { cloud, addCamera, cameraId } = await bringUpCamera(t);
    const others = [];
    for (const name of ['甲', '乙', '丙', '丁']) others.push(await addCamera(crypto.randomUUID(), name));
    let issued: LiveTicket | undefined;
    const tickets = {
      read: () => undefined,
      issue: (ticket: LiveTicket) => {
        issued = ticket;
        return 'ticket';
      },
    } as unknown as LiveTickets;
    const all = [cameraId, ...others];
    for (const deviceIds of [all, [...all].reverse(), [...all].sort(), [...all].sort().reverse()]) {
      await watchCameras(cloud.systemContext(), { tickets }, { deviceIds });
      t.same(
        issued?.cameras.map(({ deviceId }) => deviceId),
        deviceIds,
      );
    }
  },
);

t.test('a program that goes on looking is not written down each time', async (t) => {
  const { cloud, cameraId } = await bringUpCamera(t);
  const tickets = new LiveTickets('test-secret-of-32-characters-or-more');
  const ctx = cloud.systemContext();
  const { ticket } = await watchCameras(ctx, { tickets }, { deviceIds: [cameraId] });
  await watchCameras(ctx, { tickets }, { deviceIds: [cameraId], renew: ticket });
  t.equal((await cloud.auditRows('camera.watched')).length, 1);
});
