import { findingSchema, flowSchema, heatSchema, visionEventNames } from '@hallhub/shared/vision';
import type { EventRow } from '@hallhub/shared/wire';
import type { z } from 'zod';
import { behindSavepoint } from '../../../db/index.js';
import type { AppendedEvent } from '../../events/append-events.js';
import { isAboutRows } from '../../streams/about-rows.js';
import type { IngestContext } from '../../streams/ingest-context.js';
import { noteFindings } from '../../ticket-intake/sources/note-occurrences.js';
import { groupEpisodes, takeFinding } from './take-finding.js';
import { isAhead, isCountable, takeFlow, takeHeat } from './take-flow.js';

interface Read<T> {
  readonly event: EventRow;
  readonly data: T;
}

const names: ReadonlySet<string> = new Set(Object.values(visionEventNames));

/**
 * What cameras' events say, in the batch's transaction. The events themselves stand already; whatever is wrong with the data is
 * written down beside them and stops nothing.
 */
export const takeVisionEvents = async (context: IngestContext, events: readonly AppendedEvent[]): Promise<void> => {
  const rows = events.map(({ row }) => row).filter(({ event }) => names.has(event));
  if (rows.length === 0) return;
  const refused: { event: EventRow; reason: string }[] = [];
  const read = <S extends z.ZodType>(name: string, schema: S): Read<z.output<S>>[] =>
    rows.flatMap((event) => {
      if (event.event !== name) return [];
      const parsed = schema.safeParse(event.data);
      if (parsed.success) return [{ event, data: parsed.data }];
      const [issue] = parsed.error.issues;
      refused.push({ event, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
      return [];
    });

  const findings = read(visionEventNames.finding, findingSchema).filter(({ event, data }) => {
    const lastMs = Math.max(data.startedAt, data.endedAt ?? 0);
    if (!isAhead(context, context.correctedMs(lastMs))) return true;
    refused.push({ event, reason: 'It is of a time that is still to come' });
    return false;
  });
  const bySource = new Map(findings.map(({ event, data }) => [`${event.deviceId} ${data.episodeId}`, event]));
  const episodes = groupEpisodes(
    findings.map(({ event, data }) => ({
      ...{ deviceId: event.deviceId, severity: event.severity },
      ...{ finding: data, row: event.data },
    })),
  );
  // Always in the same order: two batches that take the same cameras' locks wait, and never for each other.
  for (const episode of episodes.sort((a, b) => (a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : 0))) {
    const id = (episode.began ?? episode.ended)?.episodeId;
    const event = bySource.get(`${episode.deviceId} ${id}`) as EventRow;
    const taken = await guarded(context, () => takeFinding(context, episode));
    if ('reason' in taken) {
      refused.push({ event, reason: taken.reason });
      continue;
    }
    if (!taken.value) continue;
    const first = episode.began ?? episode.ended;
    if (taken.value.isNew && first) {
      await noteFindings(context.tx, { tenantId: context.tenantId, now: context.receivedAt, what: 'seen' }, [
        {
          ...{ id: first.episodeId, hallId: context.hallId, deviceId: episode.deviceId },
          at: new Date(context.correctedMs(first.startedAt)),
        },
      ]);
    }
    context.announce({
      ...{ topic: 'review', type: taken.value.isNew ? 'review.added' : 'review.changed', deviceId: episode.deviceId },
      data: { itemId: taken.value.itemId, findingId: id, deviceId: episode.deviceId, severity: episode.severity },
    });
  }

  const count = async <T>(
    given: readonly Read<T>[],
    of: {
      readonly atMs: (data: T) => number;
      readonly take: (rows: { deviceId: string; row: T }[]) => Promise<void>;
    },
  ): Promise<void> => {
    const good = given.filter(({ event, data }) => {
      if (isCountable(context, context.correctedMs(of.atMs(data)))) return true;
      refused.push({ event, reason: 'Its time is too far off to be counted' });
      return false;
    });
    if (good.length === 0) return;
    const rows = good.map(({ event, data }) => ({ event, deviceId: event.deviceId, row: data }));
    if ('value' in (await guarded(context, () => of.take(rows)))) return;
    for (const one of rows) {
      const taken = await guarded(context, () => of.take([one]));
      if ('reason' in taken) refused.push({ event: one.event, reason: taken.reason });
    }
  };
  await count(read(visionEventNames.flow, flowSchema), {
    atMs: ({ minute }) => minute,
    take: (given) => takeFlow(context, given),
  });
  await count(read(visionEventNames.heat, heatSchema), {
    atMs: ({ hour }) => hour,
    take: (given) => takeHeat(context, given),
  });
  if (refused.length > 0) await writeRefused(context, refused);
};

/** Behind a savepoint: what a row's own content breaks is undone and told, what the database's state breaks ends the batch. */
const guarded = async <T>(
  { tx }: IngestContext,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly reason: string }> => {
  try {
    return { value: await behindSavepoint(tx, work) };
  } catch (error) {
    if (!isAboutRows(error) && !isConflict(error)) throw error;
    return { reason: (error as Error).message };
  }
};

const isConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error as { code: unknown }).code === 'conflict';

const writeRefused = async (
  { tx, tenantId, unitId, hallId, receivedAt }: IngestContext,
  refused: readonly { readonly event: EventRow; readonly reason: string }[],
): Promise<void> => {
  const records = refused.map(({ event, reason }) => ({
    ...{ event_id: event.id, device_id: event.deviceId, event: event.event, reason: reason.slice(0, 500) },
  }));
  await tx.$client.query(
    `INSERT INTO vision_refusals (tenant_id, unit_id, hall_id, received_at, event_id, device_id, event, reason)
     SELECT $1, $2, $3, $4, r.* FROM jsonb_to_recordset($5::jsonb) AS r(event_id uuid, device_id uuid, event text, reason text) ON CONFLICT DO NOTHING`,
    [tenantId, unitId, hallId, receivedAt, JSON.stringify(records)],
  );
};
