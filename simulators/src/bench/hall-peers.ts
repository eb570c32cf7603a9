import { openHall } from '../hall/open-hall.js';
import { planHall, plannedDevices } from '../hall/plan-hall.js';
import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { loadProfiles } from '../profiled/load-profiles.js';
import { seededRandom } from '../random.js';
import { livelyMeters, meterProfileId } from './modbus-meter.js';

/**
 * A hall as a process of its own: arguments are a data folder, the unit's broker, how many devices of the corpus's profiles,
 * and how many gateways with eight fast meters each.
 */
const [dataDir = '', edgeMqtt = '', devices = '0', gateways = '0'] = process.argv.slice(2);
const metersOfGateway = 8;
const profiles = loadProfiles();
const plan = planHall(profiles, { atLeast: Number(devices) });
const hall = await openHall(plan, { dataDir, edgeMqtt, profiles, random: seededRandom(11) });
const servers = await Promise.all(
  Array.from({ length: Number(gateways) }, () => openModbusTcpServer(livelyMeters(metersOfGateway, 'calm'))),
);
const fast = servers.map(({ port }, at) => ({
  name: `fast-${at + 1}`,
  kind: 'modbus',
  endpoint: `tcp://127.0.0.1:${port}`,
  unitIds: [],
  devices: Array.from({ length: metersOfGateway }, (_, i) => ({
    unitId: i + 1,
    profile: meterProfileId,
    pinned: true,
  })),
}));
const end = async () => {
  await Promise.all([hall, ...servers].map((one) => one[Symbol.asyncDispose]()));
  process.exit(0);
};
process.on('message', () => void end());
process.on('disconnect', () => process.exit(0));
process.send?.({
  type: 'ready',
  devices: [...hall.parts.map(({ device }) => device), ...fast],
  count: plannedDevices(plan).length + fast.length * metersOfGateway,
  models: new Set(plannedDevices(plan).map(({ profile }) => profile)).size + 1,
});
