import type { Command } from 'commander';
import type { AgentStatus, IdentityStatus } from '../../local-api/contract.js';
import type { CliContext } from '../cli-context.js';
import { ago, bytes, clockTime, count, duration } from '../output/format.js';
import { laneTable } from '../output/lane-table.js';
import { adapterState, uplinkState } from '../output/state-text.js';
import { renderFacts, renderTable } from '../output/table.js';
import type { Runner } from '../runner.js';

const clockWhys: Partial<Record<NonNullable<AgentStatus['clockReason']>, string>> = {
  not_compared: ' (not compared with the cloud yet)',
  implausible: ' (its year cannot be)',
  cloud_disagrees: ' (the cloud’s answers disagree)',
};

const clockWhy = (reason: AgentStatus['clockReason']): string => (reason && clockWhys[reason]) ?? '';

const statusText = (status: AgentStatus, context: CliContext): string => {
  const { style, width } = context.terminal;
  const now = context.terminal.now();
  const { uplink, devices } = status;
  const facts = renderFacts([
    ['Unit', `${status.name}  ${style.dim(status.unitId ?? 'not enrolled')}`],
    ['In the cloud', status.identity?.enrolledAs && cloudName(status.identity.enrolledAs, style.dim)],
    [
      'Agent',
      `${status.software}, up ${duration(now - status.startedAt)}, ${bytes(status.memoryBytes)}, pid ${status.pid}`,
    ],
    [
      'Uplink',
      `${uplinkState(uplink.state, style)} for ${duration(Math.max(0, now - uplink.since))}${uplink.reason ? `: ${uplink.reason}` : ''}`,
    ],
    ['Identity', status.identity && identityText(status.identity, context)],
    [
      'Devices',
      [
        `${devices.online} online`,
        devices.degraded > 0 ? style.warn(`${devices.degraded} degraded`) : undefined,
        devices.offline > 0 ? style.bad(`${devices.offline} offline`) : '0 offline',
        devices.quarantined > 0 ? style.warn(`${devices.quarantined} waiting for approval`) : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(', '),
    ],
    ['Joining', joinText(status.join, now)],
    [
      'Broker',
      `${status.broker.state === 'failed' ? style.bad('failed') : status.broker.state} ${status.broker.url}, ${count(status.broker.clients, 'client')}${status.broker.reason ? `: ${status.broker.reason}` : ''}`,
    ],
    [
      'Store',
      `${status.store.state === 'ok' ? 'ok' : style.bad(status.store.state)}${status.store.reason ? `: ${status.store.reason}` : ''}${status.disk ? `, ${bytes(status.disk.freeBytes)} free` : ''}`,
    ],
    ['Vision', status.vision ? visionText(status.vision, context) : undefined],
    ['Runway', status.runwayMs === null ? 'not known yet' : `${duration(status.runwayMs)} without the cloud`],
    [
      'Clock',
      `${status.clock.state === 'trusted' ? 'trusted' : style.warn(`untrusted${clockWhy(status.clockReason)}`)}${status.clock.offsetMs === null ? '' : `, ${Math.round(status.clock.offsetMs)} ms from the cloud`}, ${clockTime(now)}`,
    ],
    [
      'Profiles',
      `${status.profiles.loaded} loaded${status.profiles.broken > 0 ? style.bad(`, ${status.profiles.broken} broken`) : ''}`,
    ],
  ]);
  const adapters = renderTable(
    [
      { title: 'ADAPTER' },
      { title: 'PROTOCOL' },
      { title: 'STATE' },
      { title: 'SINCE' },
      { title: 'REASON', shrink: true },
    ],
    status.adapters.map((a) => [a.id, a.protocol, adapterState(a.state, style), ago(a.since, now), a.reason ?? '']),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
  return [facts, ...(status.adapters.length > 0 ? [adapters] : []), laneTable(status.lanes, context.terminal)].join(
    '\n\n',
  );
};

const cameraWords = {
  watching: 'watched',
  no_model: 'shown and recorded, with no model to look at them',
  starting: 'starting',
  no_pictures: 'without pictures',
  no_address: 'without an address',
  unknown_device: 'not here',
  disabled: 'switched off',
  stopped: 'stopped',
} as const;
const good = new Set<string>(['watching', 'no_model', 'starting', 'disabled']);

const visionText = (vision: NonNullable<AgentStatus['vision']>, { terminal: { style } }: CliContext): string => {
  const { cameras, inference, skipped, live, process } = vision;
  const states = (Object.keys(cameraWords) as (keyof typeof cameraWords)[]).flatMap((state) => {
    const words = `${cameras[state]} ${cameraWords[state]}`;
    return cameras[state] ? [good.has(state) ? words : style.bad(words)] : [];
  });
  const small = live.filter(({ quality }) => quality !== 'full').length;
  return [
    process === 'running' ? '' : style.warn(process),
    states.join(', '),
    inference ? `${Math.round(inference.p50Ms)} ms a picture (p95 ${Math.round(inference.p95Ms)} ms)` : '',
    skipped > 0 ? `${skipped} skipped` : '',
    live.length > 0 ? `${count(live.length, 'stream')} live${small > 0 ? `, ${small} spared for the line` : ''}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
};

/** As of the enrolment: it may have been renamed in the console since. */
const cloudName = ({ name, hallName, at }: NonNullable<IdentityStatus['enrolledAs']>, dim: (text: string) => string) =>
  `${hallName}  ${name}  ${dim(`as of ${new Date(at).toISOString().slice(0, 10)}`)}`;

const identityText = (identity: IdentityStatus, { terminal }: CliContext): string => {
  const { style } = terminal;
  const now = terminal.now();
  const { state, reason, endsAt, cas, nextTryAt, renewFailure, replaced, snapshotAt } = identity;
  const left = endsAt === undefined ? '' : duration(Math.max(0, endsAt - now));
  const first = {
    absent: style.warn('none: hub enrol CODE'),
    secret: style.warn('a secret, no certificate: hub enrol CODE'),
    damaged: style.bad(`damaged: ${reason}`),
    ready: `certificate good for ${left}, CA ${cas.map(({ name }) => name).join(' and ')}`,
    refused: style.bad(`refused by the cloud: ${reason}`),
    expired: style.bad(`${reason}`),
  }[state];
  return [
    first,
    state === 'refused' && nextTryAt !== undefined
      ? `asks again ${ago(nextTryAt, now)}; the hall works and stores`
      : '',
    renewFailure ? style.warn(`could not be renewed yet: ${renewFailure}`) : '',
    snapshotAt === undefined ? '' : `snapshot for a replacement left ${ago(snapshotAt, now)}`,
    replaced && replaced.missing.length > 0 ? style.warn(`not on this machine: ${replaced.missing.join(', ')}`) : '',
    replaced?.failure ? style.bad(`nothing was taken over: ${replaced.failure}`) : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
};

export const joinText = (join: AgentStatus['join'], now: number): string => {
  if (join.policy === 'closed') return 'closed: no new device may join';
  if (join.policy === 'approve') return 'approve: new devices wait for a person';
  if (join.until === undefined) return 'window: known models join by themselves';
  return join.until > now
    ? `window: known models join by themselves, ${duration(join.until - now)} left`
    : 'window: over, new devices wait for a person';
};

export const addStatus = (program: Command, run: Runner) =>
  program
    .command('status')
    .description('how the unit is: uplink, devices, adapters, outbox')
    .action(
      run((context) =>
        context.withAgent(async (client) => {
          const status = await client.call('status', {});
          context.show(status, () => statusText(status, context));
          if (status.devices.quarantined > 0)
            context.next('Waiting for approval: hub devices list --state quarantined');
          else if (status.devices.offline > 0) context.next('Why offline: hub devices show NAME');
        }),
      ),
    );
