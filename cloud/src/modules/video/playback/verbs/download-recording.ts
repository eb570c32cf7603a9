import { createHash } from 'node:crypto';
import { HubError, toHubError } from '@hallhub/shared';
import { maxDownloadMs, planAnswerSchema } from '@hallhub/shared/vision';
import { withTenant } from '../../../../db/index.js';
import { principalId } from '../../../access/actor.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import type { PlaybackTicket } from '../playback-ticket.js';
import type { RecordingAsks } from '../recording-asks.js';
import { type RecordedCamera, reachCamera, requireOnline } from './reach-camera.js';
import type { ViewDeps, ViewInput } from './view-recording.js';

/** From the plan to the first byte that is fetched. */
const fetchWithinMs = 110_000;
const pieceBytes = 4 * 1024 * 1024;

/** Has the unit plan one file of what a camera recorded. Nothing is handed out yet. */
export const planDownload = async (ctx: VerbContext, { asks, tickets }: ViewDeps, input: ViewInput) => {
  const [from, to] = [Date.parse(input.from), Date.parse(input.to)];
  if (to <= from || to - from > maxDownloadMs)
    throw new HubError('invalid_input', `A file is of ${maxDownloadMs / 60_000} minutes at most`);
  const camera = await withTenant(ctx.db, ctx.actor, (tx) =>
    reachCamera(tx, ctx, { deviceId: input.deviceId, right: 'recording.export' }),
  );
  requireOnline(camera);
  const { despiteMetered } = input;
  if (despiteMetered) ctx.actor.require('vision.write', { hallId: camera.hallId });
  const plan = await asks.askJson({ ...camera, despiteMetered }, { kind: 'plan', from, to }, planAnswerSchema);
  const { bytes, pictures, width, height, codec, holes, changesAt } = plan;
  const endsAt = ctx.clock.now() + fetchWithinMs;
  return {
    ticket: tickets.issue({
      ...{ for: 'download', principalId: principalId(ctx.actor) ?? '', deviceId: camera.deviceId, endsAt },
      ...{ from: plan.from, to: plan.to, plan: plan.plan, bytes, pictures },
      ...(despiteMetered ? { despiteMetered } : {}),
    }),
    endsAt: new Date(endsAt).toISOString(),
    ...{ from: new Date(plan.from).toISOString(), to: new Date(plan.to).toISOString() },
    ...{ bytes, pictures, width, height, codec, holes },
    changesAt: changesAt === undefined ? null : new Date(changesAt).toISOString(),
  };
};

export interface Download {
  readonly name: string;
  readonly bytes: number;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Hands a planned file out, piece by piece and only as fast as it is taken. The audit trail has an entry when it begins, and one when it ended,
 * with the SHA-256 of what was handed out.
 */
export const downloadRecording = async (
  ctx: VerbContext,
  { asks, tickets }: ViewDeps,
  input: { readonly deviceId: string; readonly ticket: string },
): Promise<Download> => {
  const ticket = tickets.read(input.ticket);
  const camera = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await reachCamera(tx, ctx, { deviceId: input.deviceId, right: 'recording.export' });
    const isOwn = ticket?.for === 'download' && ticket.principalId === principalId(ctx.actor);
    if (!isOwn || ticket.deviceId !== found.deviceId || ticket.endsAt <= ctx.clock.now()) {
      throw new HubError('conflict', 'Have the file planned first', {
        context: { reason: 'ticket' },
        hint: 'POST /api/v1/video/recordings/{deviceId}/downloads',
      });
    }
    requireOnline(found);
    await audit(tx, ctx, entryOf(found, 'recording.download_begun', factsOf(ticket)));
    return found;
  });
  if (ticket?.for !== 'download') throw new HubError('conflict', 'Have the file planned first');
  const ended = async (sha256: string, sentBytes: number): Promise<void> => {
    const isWhole = sentBytes === ticket.bytes;
    const facts = { ...factsOf(ticket), sentBytes, ...(isWhole ? { sha256 } : { sha256OfSent: sha256 }) };
    const action = isWhole ? 'recording.downloaded' : 'recording.download_broken';
    // The request is over: its idempotency key is no business of this entry.
    const trail = { ...ctx, request: ctx.request && { ...ctx.request, idempotencyKey: null } };
    await withTenant(ctx.db, ctx.actor, (tx) => audit(tx, trail, entryOf(camera, action, facts)));
  };
  return {
    name: nameOf(camera, ticket.from),
    bytes: ticket.bytes,
    body: fileOf({
      asks,
      camera,
      plan: ticket.plan,
      bytes: ticket.bytes,
      despiteMetered: ticket.despiteMetered,
      ended,
    }),
  };
};

interface FileOptions {
  readonly asks: RecordingAsks;
  readonly camera: RecordedCamera;
  readonly plan: string;
  readonly bytes: number;
  readonly despiteMetered: boolean | undefined;
  /** Called once, at its end or where it broke off. */
  readonly ended: (sha256: string, sentBytes: number) => Promise<void>;
}

const fileOf = ({ asks, camera, plan, bytes, despiteMetered, ended }: FileOptions): ReadableStream<Uint8Array> => {
  const hash = createHash('sha256');
  const stop = new AbortController();
  let offset = 0;
  let begunAt = 0;
  let isOver = false;
  let piece: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const over = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await ended(hash.digest('hex'), offset);
  };
  const begin = async () => {
    begunAt = offset;
    const ask = { kind: 'file', plan, offset, maxBytes: pieceBytes } as const;
    const { body } = await asks.ask({ ...camera, despiteMetered }, ask, stop.signal);
    return body.getReader();
  };
  const next = async (): Promise<Uint8Array> => {
    for (;;) {
      const reader = piece ?? (await begin());
      piece = reader;
      const { done, value } = await reader.read();
      if (!done) return value;
      piece = undefined;
      // Nothing at all is less, too: else it would be asked for without end.
      if (offset < bytes && offset - begunAt < pieceBytes)
        throw new HubError('unavailable', 'The unit gave less of the file than it planned');
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const value = await next();
          if (offset + value.length > bytes) throw new HubError('protocol_violation', 'The unit gave too much');
          hash.update(value);
          offset += value.length;
          controller.enqueue(value);
          if (offset < bytes) return;
          await over();
          controller.close();
        } catch (error) {
          await over().catch(() => undefined);
          controller.error(toHubError(error));
        }
      },
      async cancel() {
        stop.abort();
        await piece?.cancel().catch(() => undefined);
        await over();
      },
    },
    { highWaterMark: 0 },
  );
};

type Facts = Pick<
  Extract<PlaybackTicket, { for: 'download' }>,
  'from' | 'to' | 'bytes' | 'pictures' | 'despiteMetered'
>;

const factsOf = (ticket: Facts) => ({
  ...{ from: new Date(ticket.from).toISOString(), to: new Date(ticket.to).toISOString() },
  ...{ bytes: ticket.bytes, pictures: ticket.pictures },
  ...(ticket.despiteMetered ? { despiteMetered: true } : {}),
});

const entryOf = (camera: RecordedCamera, action: string, after: Record<string, unknown>) => ({
  action,
  target: { kind: 'device', id: camera.deviceId, name: camera.name },
  hallId: camera.hallId,
  after,
});

/** `柜台一 2026-11-22 08-15-30`, by the hall's clock. */
const nameOf = ({ name, timeZone }: RecordedCamera, fromMs: number): string => {
  const stamp = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return `${name} ${stamp.format(fromMs).replaceAll(':', '-')}`;
};
