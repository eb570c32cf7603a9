import { HubError } from '@hallhub/shared';
import { maxSpansMs, spansAnswerSchema } from '@hallhub/shared/vision';
import { withTenant } from '../../../../db/index.js';
import type { VerbContext } from '../../../access/verb-context.js';
import type { RecordingAsks } from '../recording-asks.js';
import { reachCamera, requireOnline } from './reach-camera.js';

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What a camera's unit has recorded of a time. Throws `invalid_input` for no time or too long a one, `unavailable` while the unit is offline. */
export const listRecorded = async (
  ctx: VerbContext,
  { asks }: { readonly asks: RecordingAsks },
  input: { readonly deviceId: string; readonly from: string; readonly to: string },
) => {
  const span = { from: Date.parse(input.from), to: Date.parse(input.to) };
  if (span.to <= span.from || span.to - span.from > maxSpansMs) {
    throw new HubError('invalid_input', `Spans are of ${maxSpansMs / 86_400_000} days at most`);
  }
  const camera = await withTenant(ctx.db, ctx.actor, (tx) =>
    reachCamera(tx, ctx, { deviceId: input.deviceId, right: 'recording.read' }),
  );
  requireOnline(camera);
  const answer = await asks.askJson(camera, { kind: 'spans', ...span }, spansAnswerSchema);
  return {
    deviceId: camera.deviceId,
    timeZone: camera.timeZone,
    spans: answer.spans.map(({ from, to }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    })),
    oldestAt: instant(answer.oldestAt),
    newestAt: instant(answer.newestAt),
  };
};
