import type { Agent } from '../agent.js';

/** Behind this many rows a drill would only add to what is wrong. */
const busyRows = 5_000;

/** Why the hall should be left alone now, in words; empty: a drill may be held. */
export const drillObjections = (agent: Agent): string[] => {
  const found: string[] = [];
  const { state } = agent.uplinkStatus();
  if (state !== 'online') found.push(`there is no line to the cloud (${state})`);
  if (agent.store.status.state !== 'ok') found.push(`the store is ${agent.store.status.state}`);
  const { state: space } = agent.link.space.status;
  if (space === 'low' || space === 'exhausted') found.push('the disk is short of room');
  if (agent.link.runway.runway.kinds.length > 0 && agent.link.runway.alarm.isRaised)
    found.push('the runway alarm is raised');
  if (agent.brokerFailure) found.push("the hall's broker does not run");
  const rows = (['events', 'live', 'manifest', 'backlog'] as const).reduce(
    (sum, lane) => sum + agent.outbox.lane(lane).rows,
    0,
  );
  if (rows > busyRows) found.push(`${rows.toLocaleString('en-US')} rows are still on the way to the cloud`);
  const running = agent.inbox.open().length;
  if (running > 0) found.push(`${running} commands are being carried out`);
  return found;
};

/** Host and port of the broker that the uplink dials. */
export const brokerAddress = (mqtt: string | undefined): { host: string; port: number } | undefined => {
  if (mqtt === undefined || !URL.canParse(mqtt)) return undefined;
  const { protocol, hostname, port } = new URL(mqtt);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'mqtts:' ? 8883 : 1883)) };
};
