import type { Command } from 'commander';
import type { LocalResult } from '../../local-api/contract.js';
import { bytes, duration } from '../output/format.js';
import { renderTable } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import type { Runner } from '../runner.js';

type RunwayResult = LocalResult<'runway'>;
type Kind = RunwayResult['kinds'][number];

const names: Record<Kind['kind'], string> = { events: 'events', telemetry: 'telemetry', evidence: 'clips, pictures' };

const limits: Record<Kind['limitedBy'], string> = {
  disk: 'free disk',
  lane_rows: 'the number of rows kept for it',
  lane_bytes: 'the space kept for it',
  nothing: 'nothing: none is made here',
  unknown: 'not known yet',
};

const ends: Record<Kind['kind'], string> = {
  events: 'the oldest events go; a signed gap says which',
  telemetry: 'the oldest readings go; a signed gap says which',
  evidence: 'the oldest clips go; their events stay',
};

const lasts = ({ ms, limitedBy }: Kind, { style }: Terminal, alarmMs: number): string => {
  if (ms === null) return limitedBy === 'unknown' ? 'not known yet' : 'unlimited';
  return ms < alarmMs ? style.bad(duration(ms)) : duration(ms);
};

/** What people need to go on comes first: it does not hang on the line at all. */
export const runwayText = (result: RunwayResult, terminal: Terminal): string => {
  const { kinds, alarm, measuredMs } = result;
  const table = renderTable(
    [
      { title: 'IF THE LINE FAILS NOW' },
      { title: 'GOES ON FOR', align: 'right' },
      { title: 'AT', align: 'right' },
      { title: 'LIMITED BY', shrink: true },
      { title: 'AND THEN', shrink: true },
    ],
    [
      ['queue, kiosks, scenes', 'unlimited', '-', 'nothing: they need no cloud', '-'],
      ...kinds.map((one) => [
        names[one.kind],
        lasts(one, terminal, alarm.belowMs),
        one.bytesPerHour > 0 ? `${bytes(one.bytesPerHour)}/h` : '-',
        limits[one.limitedBy],
        one.ms === null ? '-' : ends[one.kind],
      ]),
    ],
    { ...(terminal.width === undefined ? {} : { width: terminal.width }), head: terminal.style.dim },
  );
  const watch = alarm.belowMs === 0 ? 'no alarm is set' : `alarm below ${duration(alarm.belowMs)}`;
  const state = alarm.isRaised ? terminal.style.bad(`${watch}: raised`) : watch;
  return `${table}\n\nMeasured over ${duration(measuredMs)} of running; ${state}.`;
};

export const addRunway = (program: Command, run: Runner) =>
  program
    .command('runway')
    .description('how long the unit can go on without the cloud, kind by kind')
    .action(
      run(async (context) => {
        const result = await context.withAgent((c) => c.call('runway', {}));
        context.show(result, () => runwayText(result, context.terminal));
        context.next('What waits now: hub outbox');
      }),
    );
