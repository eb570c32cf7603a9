import type { Clock } from '@hallhub/shared';
import {
  type BatchLimits,
  type Hello,
  type HelloAnswer,
  protocolVersion,
  type StreamCursor,
} from '@hallhub/shared/wire';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { stepEvent } from '../commands/command-steps.js';
import { doubtCommands, isAnotherInbox } from '../commands/doubt-commands.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import { closeLeftStreams, wasReplacedSince } from '../streams/close-left-streams.js';
import { openStream } from '../streams/lock-stream.js';
import { readCursors } from '../streams/read-cursors.js';
import { presenceEvent, recordUnitPresence, type UnitPresenceChange } from './unit-presence.js';

export interface HelloDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly limits: BatchLimits;
  /** Of the list of CAs that units are to trust (docs/protocol.md 5.3). */
  readonly trustVersion?: (() => string) | undefined;
  /** Told inside the transaction when a unit comes back; gives what is published after commit. */
  readonly onOnline: (tx: Tx, change: UnitPresenceChange) => Promise<readonly LiveEvent[]>;
}

interface LinkRow {
  tenant_id: string;
  hall_id: string;
  presence: 'online' | 'offline';
  boot_id: string | null;
  mono_ms: number | null;
  conn_id: string | null;
  hello_at: Date | null;
}

/**
 * docs/protocol.md 1.1: the unit is online on this connection, and learns where its streams stand. Undefined: no such unit, or a
 * hello of an older connection of the same run that was overtaken.
 */
export const sayHello = async (deps: HelloDeps, hello: Hello): Promise<HelloAnswer | undefined> => {
  const { clock } = deps;
  const now = new Date(clock.now());
  const protocol =
    hello.protocol.min <= protocolVersion && protocolVersion <= hello.protocol.max ? protocolVersion : null;
  const error =
    protocol === null
      ? `This cloud speaks protocol ${protocolVersion}, the unit ${hello.protocol.min} to ${hello.protocol.max}`
      : undefined;

  const met = await withSystem(deps.database, async (tx) => {
    const { rows } = await tx.$client.query<LinkRow>({
      name: 'hello-link',
      text: `SELECT l.tenant_id, u.hall_id, l.presence, l.boot_id, l.mono_ms, l.conn_id, l.hello_at FROM unit_links l JOIN units u ON u.id = l.unit_id
       WHERE l.unit_id = $1 AND u.archived_at IS NULL FOR UPDATE OF l`,
      values: [hello.unitId],
    });
    const link = rows[0];
    if (!link || isOvertaken(link, hello)) return undefined;
    await tx.$client.query({
      name: 'hello-online',
      text: `UPDATE unit_links SET presence = 'online', reason = 'hello', since = CASE WHEN presence = 'online' THEN since ELSE $2 END,
         conn_id = $3, boot_id = $4, mono_ms = $5, hello_at = $2, last_seen_at = $2, software = $6, protocol = $7, protocol_error = $8, clock = $9
       WHERE unit_id = $1`,
      values: [
        ...[hello.unitId, now, hello.connId, hello.bootId, hello.monoMs],
        ...[hello.software, protocol, error ?? null, JSON.stringify(hello.clock)],
      ],
    });
    let events: LiveEvent[] = [];
    if (link.presence !== 'online') {
      const { tenant_id: tenantId, hall_id: hallId } = link;
      const change: UnitPresenceChange = {
        tenantId,
        hallId,
        unitId: hello.unitId,
        state: 'online',
        reason: 'hello',
        at: now,
      };
      await recordUnitPresence(tx, [change]);
      events = [presenceEvent(change), ...(await deps.onOnline(tx, change))];
    }
    // Before the answer: with it, what waits is sent again.
    if (await isAnotherInbox(tx, { tenantId: link.tenant_id, hello })) {
      const { tenant_id: tenantId, hall_id: hallId, hello_at: since } = link;
      const place = { tenantId, hallId, unitId: hello.unitId };
      events.push(...(await doubtCommands(tx, { ...place, at: now })).map(stepEvent));
      if (await wasReplacedSince(tx, { ...place, since })) {
        for (const lane of await closeLeftStreams(tx, { tenantId, hello, at: now }))
          events.push({
            tenantId,
            hallId,
            topic: 'units',
            type: 'unit.gap',
            data: { unitId: hello.unitId, lane, reason: 'replaced' },
          });
      }
      const own = hello.streams.find(({ lane }) => lane === 'events');
      if (own) await openStream(tx, hello.unitId, own);
    }
    const streams: StreamCursor[] = protocol === null ? [] : await readCursors(tx, link.tenant_id, hello);
    return { events, streams };
  });
  if (!met) return undefined;
  for (const event of met.events) deps.live.publish(event);
  return {
    v: 1,
    connId: hello.connId,
    protocol,
    serverTime: clock.now(),
    echoAt: hello.at,
    streams: met.streams,
    limits: deps.limits,
    ...(deps.trustVersion ? { trustVersion: deps.trustVersion() } : undefined),
    ...(error === undefined ? undefined : { error }),
  };
};

/** Two processes may see two hellos of one unit in the other order: within a run the later one stands. */
const isOvertaken = (link: LinkRow, hello: Hello): boolean =>
  link.boot_id === hello.bootId &&
  link.conn_id !== hello.connId &&
  link.mono_ms !== null &&
  link.mono_ms > hello.monoMs;
