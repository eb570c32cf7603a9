import { HubError } from '@hallhub/shared';
import type { RecordingAsk } from '@hallhub/shared/vision';
import { withTenant } from '../../../../db/index.js';
import { principalId } from '../../../access/actor.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import type { PlaybackTickets } from '../playback-ticket.js';
import type { RecordingAnswer, RecordingAsks } from '../recording-asks.js';
import { reachCamera, requireOnline } from './reach-camera.js';

export interface ViewDeps {
  readonly asks: RecordingAsks;
  readonly tickets: PlaybackTickets;
}

/** A sitting: whoever looks longer, or at another day, is written down anew. */
const viewMs = 60 * 60_000;
/** What one entry in the trail may stand for. */
const maxViewSpanMs = 26 * 60 * 60_000;
/** Some seconds of a good camera, and the first picture of it soon. */
const pieceBytes = 2 * 1024 * 1024;

export interface ViewInput {
  readonly deviceId: string;
  readonly from: string;
  readonly to: string;
  /** Also over a line that is paid for by volume. */
  readonly despiteMetered?: boolean | undefined;
}

/** Lets somebody look at what a camera recorded of a day. Stands in the audit trail. */
export const beginViewing = async (
  ctx: VerbContext,
  { tickets }: ViewDeps,
  input: ViewInput,
): Promise<{ ticket: string; endsAt: string }> => {
  const [from, to] = [Date.parse(input.from), Date.parse(input.to)];
  if (to <= from || to - from > maxViewSpanMs) throw new HubError('invalid_input', 'A viewing is of a day at most');
  const paid = input.despiteMetered ? { despiteMetered: true } : {};
  await withTenant(ctx.db, ctx.actor, async (tx) => {
    const camera = await reachCamera(tx, ctx, { deviceId: input.deviceId, right: 'recording.read' });
    if (input.despiteMetered) ctx.actor.require('vision.write', { hallId: camera.hallId });
    await audit(tx, ctx, {
      action: 'recording.viewed',
      target: { kind: 'device', id: camera.deviceId, name: camera.name },
      hallId: camera.hallId,
      after: { from: input.from, to: input.to, ...paid },
    });
  });
  const endsAt = ctx.clock.now() + viewMs;
  const principal = principalId(ctx.actor) ?? '';
  const ticket = { for: 'view', principalId: principal, deviceId: input.deviceId, endsAt, from, to, ...paid } as const;
  return { ticket: tickets.issue(ticket), endsAt: new Date(endsAt).toISOString() };
};

export interface PlayInput {
  readonly deviceId: string;
  readonly ticket: string;
  readonly from: string;
  readonly to?: string | undefined;
  readonly cursor?: string | undefined;
  readonly pictures: 'all' | 'keys';
}

/** A piece of what a camera recorded. The right is looked up each time: whoever loses it sees no further piece. */
export const playRecording = async (
  ctx: VerbContext,
  { asks, tickets }: ViewDeps,
  input: PlayInput & { readonly signal: AbortSignal },
): Promise<RecordingAnswer> => {
  const camera = await withTenant(ctx.db, ctx.actor, (tx) =>
    reachCamera(tx, ctx, { deviceId: input.deviceId, right: 'recording.read' }),
  );
  const ticket = tickets.read(input.ticket);
  const from = Date.parse(input.from);
  const isOwn = ticket?.for === 'view' && ticket.principalId === principalId(ctx.actor);
  if (!isOwn || ticket.deviceId !== camera.deviceId || ticket.endsAt <= ctx.clock.now()) {
    throw new HubError('conflict', 'Begin to view this camera first', {
      context: { reason: 'ticket' },
      hint: 'POST /api/v1/video/recordings/{deviceId}/viewings',
    });
  }
  if (from < ticket.from || from >= ticket.to) throw new HubError('invalid_input', 'The viewing is of another time');
  requireOnline(camera);
  // What lies behind the viewing's end is another entry in the trail.
  const to = Math.min(ticket.to, input.to === undefined ? ticket.to : Date.parse(input.to));
  const ask: RecordingAsk = {
    ...{ kind: 'media', from, to, pictures: input.pictures, maxBytes: pieceBytes },
    ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
  };
  return asks.ask({ ...camera, despiteMetered: ticket.despiteMetered }, ask, input.signal);
};
