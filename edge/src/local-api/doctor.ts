import dns from 'node:dns/promises';
import net from 'node:net';
import type { Agent } from '../agent.js';
import { identityStatus } from '../status/identity-status.js';
import type { LocalResult } from './contract.js';

type Check = LocalResult<'doctor'>['checks'][number];
type Verdict = Check['verdict'];

/** What an engineer in the hall would look at first, looked at by the agent itself. */
export const doctorChecks = async (agent: Agent): Promise<Check[]> => [
  store(agent),
  disk(agent),
  clock(agent),
  broker(agent),
  profiles(agent),
  ...adapters(agent),
  devices(agent),
  ...identityChecks(agent),
  ...(await cloud(agent)),
  line(agent),
  outbox(agent),
  runway(agent),
  memory(),
];

const check = (
  name: string,
  verdict: Verdict,
  message: string,
  more: { hint?: string; facts?: Check['facts'] } = {},
): Check => ({
  check: name,
  verdict,
  message,
  hint: more.hint,
  facts: more.facts ?? {},
});

const store = (agent: Agent): Check => {
  const { state, reason } = agent.store.status;
  if (state === 'ok') return check('store', 'ok', 'The store takes writes.');
  const verdict = state === 'recovered' ? 'warning' : 'failed';
  return check('store', verdict, reason ?? state, { hint: 'hub logs --level error', facts: { state } });
};

const disk = (agent: Agent): Check => {
  const { freeBytes, minFreeBytes, ...space } = agent.link.space.status;
  if (freeBytes === undefined) return check('disk', 'unknown', 'The free space cannot be read.');
  const verdict = freeBytes < minFreeBytes ? 'failed' : freeBytes < minFreeBytes * 8 ? 'warning' : 'ok';
  const facts = { freeBytes, minFreeBytes, dataDir: agent.options.dataDir, ...space };
  return check('disk', verdict, `${(freeBytes / 1e9).toFixed(1)} GB are free.`, { facts });
};

const clock = (agent: Agent): Check => {
  const { state, offsetMs, segment } = agent.segments.wire();
  const { reason } = agent.segments;
  const now = agent.options.clock.now();
  const facts = { state, reason, offsetMs, segment, now };
  const hint = 'Set the clock, or let NTP do it: timedatectl set-ntp true';
  const off = `${Math.round(Math.abs(offsetMs ?? 0) / 1_000)} s`;
  switch (reason) {
    case 'agrees':
      return check('clock', 'ok', `The clock is ${Math.abs(offsetMs ?? 0)} ms off.`, { facts });
    case 'not_compared':
      return check('clock', 'unknown', 'The clock was not compared with the cloud yet.', { facts });
    case 'implausible': {
      const text = `The clock says ${new Date(now).getUTCFullYear()}; times are corrected once the cloud was heard.`;
      return check('clock', 'warning', text, { facts, hint });
    }
    case 'cloud_disagrees':
      return check('clock', 'warning', 'The cloud’s own answers disagree about the time by seconds.', { facts });
    case 'off':
      return check('clock', 'warning', `The clock is ${off} off; times are corrected by that.`, { facts, hint });
  }
};

const broker = (agent: Agent): Check => {
  const url = agent.mqttUrl ?? '';
  if (agent.loaded.config.broker.external)
    return check('broker', 'unknown', `An external broker is used: ${url}`, { facts: { url } });
  if (!agent.broker)
    return check('broker', 'failed', agent.brokerFailure ?? 'The broker does not run.', {
      hint: 'Set broker in edge.yaml.',
    });
  const facts = { url, clients: agent.broker.clients.length, refused: agent.gatekeeper.refused };
  return check('broker', 'ok', `The broker listens at ${url} with ${facts.clients} clients.`, { facts });
};

const profiles = (agent: Agent): Check => {
  const { issues, folder } = agent.profiles;
  const facts = { loaded: agent.profiles.list().length, folder: folder ?? null, issues: issues.slice(0, 20) };
  if (issues.length === 0) return check('profiles', 'ok', `${facts.loaded} profiles are loaded.`, { facts });
  return check('profiles', 'warning', issues[0] ?? '', { facts, hint: 'hub profile lint' });
};

const adapters = (agent: Agent): Check[] =>
  agent.board.statuses().map(({ id, protocol, status, counters }) => {
    // What runs and has a reason all the same runs badly: a refused password, a line of garbage.
    const fine = status.state === 'running' && !status.reason;
    const verdict: Verdict = fine ? 'ok' : status.state === 'failed' ? 'failed' : 'warning';
    const text = status.reason ? `${status.state}: ${status.reason}` : status.state;
    return check(`adapter ${id}`, verdict, text, {
      facts: { protocol, state: status.state, since: status.since, counters },
    });
  });

const toldDevices = 5;

const devices = (agent: Agent): Check => {
  const all = agent.registry.list();
  const active = all.filter(({ state }) => state === 'active');
  const offline = active.filter(({ presence }) => presence === 'offline');
  const waiting = all.filter(({ state }) => state === 'quarantined').length;
  const facts = { active: active.length, offline: offline.length, waiting };
  const waits = waiting > 0 ? ` ${waiting} wait for approval.` : '';
  if (offline.length === 0) {
    return check('devices', waiting > 0 ? 'warning' : 'ok', `${active.length} devices, none offline.${waits}`, {
      facts,
      ...(waiting > 0 ? { hint: 'hub devices list --state quarantined' } : {}),
    });
  }
  const why = offline.slice(0, toldDevices).map(({ deviceId, name, identity }) => {
    const failed = agent.intake.presence.get(deviceId)?.evidence.find(({ ok, detail }) => !ok && detail);
    return `${name ?? identity.serial} (${identity.vendor}/${identity.model})${failed ? `: ${failed.detail}` : ''}`;
  });
  const more = offline.length > toldDevices ? [`${offline.length - toldDevices} more`] : [];
  const text = `${offline.length} of ${active.length} offline: ${[...why, ...more].join('; ')}.${waits}`;
  return check('devices', 'warning', text, { facts, hint: 'hub devices show DEVICE' });
};

const dayMs = 86_400_000;

const identityChecks = (agent: Agent): Check[] => {
  const identity = identityStatus(agent);
  const { state, reason, hint, endsAt, cas, renewFailure, replaced, snapshotFailure } = identity;
  const checks: Check[] = [];
  const leftDays = endsAt === undefined ? 0 : Math.floor((endsAt - agent.trustedNow()) / dayMs);
  const facts = {
    state,
    endsAt: endsAt ?? null,
    leftDays,
    ca: cas[0]?.name ?? null,
    fingerprint: cas[0]?.fingerprint ?? null,
  };
  if (state === 'ready') {
    const text = `The certificate is good for ${leftDays} days (CA ${cas[0]?.name ?? 'none'}).`;
    const verdict = renewFailure === undefined ? 'ok' : leftDays < 7 ? 'failed' : 'warning';
    checks.push(
      check('certificate', verdict, renewFailure ? `${text} It could not be renewed yet: ${renewFailure}` : text, {
        facts,
      }),
    );
  } else if (state === 'secret') {
    checks.push(
      check('certificate', 'warning', 'This unit has a secret and no certificate.', {
        facts,
        hint: 'Ask for a code in the console (the unit’s page, Replace) and run: hub enrol CODE',
      }),
    );
  } else if (state !== 'absent') {
    checks.push(check('certificate', 'failed', reason ?? state, { facts, ...(hint ? { hint } : {}) }));
  }
  if (replaced?.failure) {
    checks.push(check('replacement', 'failed', `Nothing was taken over from the unit before: ${replaced.failure}`));
  } else if (replaced && replaced.missing.length > 0) {
    checks.push(
      check('replacement', 'warning', `Not on this machine: ${replaced.missing.join(', ')}`, {
        hint: 'Correct these addresses in edge.yaml and start the agent again.',
        facts: { missing: replaced.missing },
      }),
    );
  }
  if (snapshotFailure)
    checks.push(check('snapshot', 'warning', `The cloud has not the newest snapshot: ${snapshotFailure}`));
  return checks;
};

const cloud = async (agent: Agent): Promise<Check[]> => {
  const { credential } = agent;
  if (!credential)
    return [
      agent.credentialFailure
        ? check('cloud', 'failed', agent.credentialFailure, { hint: 'Enrol the unit again: hub enrol CODE' })
        : check('cloud', 'failed', 'This unit is not enrolled.', {
            hint: 'Ask the console for a code: hub enrol CODE',
          }),
    ];
  const status = agent.uplinkStatus();
  const url = new URL(credential.cloud.mqtt);
  const port = Number(url.port || (url.protocol === 'mqtts:' ? 8883 : 1883));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const reach = await reachable(host, port);
  const online = status.state === 'online';
  const uplink = check(
    'uplink',
    online ? 'ok' : 'failed',
    online ? 'The unit is connected to the cloud.' : `${status.state}: ${status.reason ?? 'no reason yet'}`,
    {
      facts: { state: status.state, since: status.since, attempts: status.attempts },
    },
  );
  return [
    check('cloud', reach.ok ? 'ok' : 'failed', reach.message, { facts: { host, port, addresses: reach.addresses } }),
    uplink,
  ];
};

const reachable = async (
  host: string,
  port: number,
): Promise<{ ok: boolean; message: string; addresses: string[] }> => {
  let addresses: string[] = [];
  try {
    addresses = (await dns.lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return { ok: false, message: `The name ${host} is not found: ${(error as Error).message}`, addresses };
  }
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 3_000 });
    const end = (ok: boolean, message: string) => {
      socket.destroy();
      resolve({ ok, message, addresses });
    };
    socket.once('connect', () => end(true, `${host}:${port} answers.`));
    socket.once('timeout', () => end(false, `${host}:${port} does not answer within 3 s.`));
    socket.once('error', (error) => end(false, `${host}:${port}: ${error.message}`));
  });
};

const outbox = (agent: Agent): Check => {
  const { thinned } = agent.outbox;
  const rows = thinned.events + thinned.live + thinned.manifest + thinned.backlog;
  const aside = agent.outbox.rowsAside(1)[0];
  const facts = { ...agent.link.runway.wire, thinned: { ...thinned }, asideCount: agent.aside.count };
  const hint = 'hub outbox';
  if (aside) {
    const text = `The cloud does not take row ${aside.seq} of the ${aside.lane} lane: ${aside.reason}; it was put aside.`;
    return check('outbox', 'warning', text, { facts, hint });
  }
  if (rows > 0)
    return check('outbox', 'warning', `${rows} rows were given up for space since the start.`, { facts, hint });
  return check('outbox', 'ok', 'Nothing was given up.', { facts });
};

const line = (agent: Agent): Check => {
  const { bytesPerSecond, roundTripMs, lowData, maxBytesPerSecond } = agent.link.budget;
  const facts = { bytesPerSecond: bytesPerSecond ?? null, roundTripMs: roundTripMs ?? null, lowData };
  if (roundTripMs === undefined) return check('line', 'unknown', 'Nothing went over the line yet.', { facts });
  const rate =
    bytesPerSecond === undefined ? 'more than is needed' : `${((bytesPerSecond * 8) / 1_000).toFixed(0)} kbit/s`;
  const cap = maxBytesPerSecond === undefined ? '' : ` (capped at ${((maxBytesPerSecond * 8) / 1_000).toFixed(0)})`;
  const text = `The line carries ${rate}${cap}, an answer takes ${Math.round(roundTripMs)} ms.`;
  return check('line', lowData ? 'warning' : 'ok', lowData ? `${text} It is spared.` : text, { facts });
};

const runway = (agent: Agent): Check => {
  const { alarm, wire } = agent.link.runway;
  const facts = { ...wire, alarmMs: alarm.alarmMs };
  if (wire.runwayMs === null) return check('runway', 'ok', 'Nothing limits it yet.', { facts, hint: 'hub runway' });
  const hours = (wire.runwayMs / 3_600_000).toFixed(1);
  return check('runway', alarm.isRaised ? 'warning' : 'ok', `Without the cloud everything is kept for ${hours} h.`, {
    facts,
    hint: 'hub runway',
  });
};

const memory = (): Check => {
  const { rss, heapUsed } = process.memoryUsage();
  return check('memory', rss > 300 * 1_048_576 ? 'warning' : 'ok', `The agent uses ${Math.round(rss / 1e6)} MB.`, {
    facts: { rss, heapUsed },
  });
};
