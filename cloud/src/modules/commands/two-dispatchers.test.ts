import { ManualClock, uuidv7 } from '@hallhub/shared';
import type { DownCommand } from '@hallhub/shared/wire';
import fc from 'fast-check';
import pino from 'pino';
import t from 'tap';
import { startTestDatabase } from '../../db/testing.js';
import type { CloudMessaging } from '../../mqtt/index.js';
import { addTestHall } from '../streams/testing.js';
import { CommandDispatcher, resendMs } from './command-dispatcher.js';

const log = pino({ level: 'silent' });

t.test(
  'two processes over one database: each device gets its commands in order, whatever is lost or doubled',
  async (t) => {
    const database = await startTestDatabase(t);
    const hall = await addTestHall(database);
    const clock = new ManualClock(Date.UTC(2026, 5, 1));
    const sql = async (text: string, values: unknown[] = []) => (await database.ownerPool.query(text, values)).rows;
    await sql(`UPDATE unit_links SET presence = 'online', protocol = 1 WHERE unit_id = $1`, [hall.unitId]);
    const devices = [uuidv7(), uuidv7(), uuidv7()];
    for (const id of devices) {
      await sql(
        `INSERT INTO devices (tenant_id, id, unit_id, hall_id, revision, state, vendor, model, serial, device_class, protocol, address)
       VALUES ($1, $2, $3, $4, 1, 'active', 'v', 'm', 's', 'c', 'mqtt', 'a')`,
        [hall.tenantId, id, hall.unitId, hall.hallId],
      );
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(devices.length - 1), { minLength: 3, maxLength: 12 }),
        fc.infiniteStream(fc.constantFrom('ok', 'ok', 'ok', 'lost', 'twice', 'unheard')),
        async (order, fates) => {
          await sql('DELETE FROM command_steps');
          await sql('DELETE FROM commands');
          const issued: { id: string; deviceId: string }[] = [];
          for (const [i, device] of order.entries()) {
            const one = { id: uuidv7(), deviceId: devices[device]! };
            issued.push(one);
            const at = new Date(clock.now() + i);
            await sql(
              `INSERT INTO commands (id, tenant_id, unit_id, hall_id, device_id, name, input, issued_by_name, issued_at, deadline_at, next_send_at)
             VALUES ($1, $2, $3, $4, $5, 'go', '{}', 'me', $6, $7, $6)`,
              [one.id, hall.tenantId, hall.unitId, hall.hallId, one.deviceId, at, new Date(clock.now() + 86_400_000)],
            );
          }
          await clock.advance(order.length + 1);
          // The unit: an inbox that knows what it has, and says `received` for each, known or not.
          const inbox: string[] = [];
          const told: string[] = [];
          let ends: number | undefined;
          const publish = async (_: string, payload: string | Uint8Array) => {
            const message = JSON.parse(String(payload)) as DownCommand;
            const fate = fates.next().value;
            if (fate === 'lost') throw new Error('cut off after it was marked as sent');
            const arrive = () => {
              if (!inbox.includes(message.id)) inbox.push(message.id);
            };
            arrive();
            if (fate === 'twice') arrive();
            if (fate !== 'unheard') told.push(message.id);
          };
          const messaging = { publish } as unknown as CloudMessaging;
          const both = [1, 2].map(
            () => new CommandDispatcher({ database, clock, log, messaging, live: { publish: () => {} } }),
          );
          for (let round = 0; round < 200 && ends === undefined; round++) {
            for (const one of both) one.wake(round % 3 === 0 ? hall.unitId : undefined);
            await Promise.all(both.map((one) => one.settled()));
            await sql(
              `UPDATE commands SET state = 'received', next_send_at = NULL WHERE id = ANY($1) AND state IN ('queued', 'sent')`,
              [told.splice(0)],
            );
            await clock.advance(resendMs);
            const left = await sql(`SELECT 1 FROM commands WHERE state IN ('queued', 'sent') LIMIT 1`);
            if (left.length === 0) ends = round;
          }
          await Promise.all(both.map((one) => one.close()));
          if (ends === undefined || inbox.length !== issued.length) return false;
          return devices.every((deviceId) => {
            const wanted = issued.filter((one) => one.deviceId === deviceId).map(({ id }) => id);
            return inbox.filter((id) => wanted.includes(id)).join() === wanted.join();
          });
        },
      ),
      { numRuns: 15 },
    );
    t.pass();
  },
);
