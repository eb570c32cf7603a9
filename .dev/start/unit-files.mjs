import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const WINDOW_MS = 24 * 3600 * 1000;
/** The simulated devices of other makers say something every few seconds. */
const MAPPED_SILENT_MS = 45_000;

/**
 * Writes the unit's configuration for the hall that runs now. A file that a person changed is left alone (`kept`);
 * one that this launcher wrote follows the simulators' addresses and the ports.
 */
export function writeEdgeConfig({ folder, port, hallName, devices, now = Date.now() }) {
  const file = path.join(folder, 'edge.yaml');
  const seal = path.join(folder, '.edge.yaml.sha256');
  const current = readOr(file);
  const body = edgeConfig({ port, hallName, devices });
  if (current !== undefined && digest(current) !== readOr(seal)) return { file, kept: true, changed: false };
  if (current !== undefined && withoutWindow(current) === withoutWindow(body(now))) {
    const until = /until: (\S+?) \}/.exec(current)?.[1];
    if (!until || Date.parse(until) > now) return { file, kept: false, changed: false };
  }
  const text = body(now);
  // Cameras' and brokers' passwords stand in it.
  writeWhole(file, text, 0o600);
  writeWhole(seal, digest(text), 0o644);
  return { file, kept: false, changed: true };
}

function edgeConfig({ port, hallName, devices }) {
  const lines = [
    '# Written by `npm start`, which keeps it up to date until you change it; from then on it is yours.',
    'version: 1',
    `name: ${JSON.stringify(hallName)}`,
  ];
  const mapped = devices.filter((device) => device.kind === 'mqtt' && device.account);
  if (mapped.length === 0) lines.push(`broker: { host: 127.0.0.1, port: ${port} }`);
  else lines.push('broker:', '  host: 127.0.0.1', `  port: ${port}`, '  accounts:', ...mapped.map(account));
  lines.push(devices.length > 0 ? 'join: { policy: window, until: @UNTIL@ }' : 'join: { policy: approve }');
  const modbus = devices.filter((device) => device.kind === 'modbus');
  if (modbus.length > 0) lines.push('modbus:', ...modbus.map(modbusBus));
  const serial = devices.filter((device) => device.kind === 'serial');
  if (serial.length > 0) lines.push('serial:', ...serial.map(serialBus));
  if (mapped.length > 0)
    lines.push(
      'mqtt:',
      '  discover: false',
      `  silentAfterMs: ${MAPPED_SILENT_MS}`,
      '  devices:',
      ...mapped.map(topics),
    );
  const cameras = devices.filter((device) => device.kind === 'onvif');
  if (cameras.length > 0) lines.push(`onvif: ${onvif(cameras)}`);
  return (now) => `${lines.join('\n').replace('@UNTIL@', new Date(now + WINDOW_MS).toISOString())}\n`;
}

function modbusBus({ name, endpoint, line, unitIds, unitId, devices }) {
  const url = endpoint.includes('://') || endpoint.startsWith('/') ? endpoint : `tcp://${endpoint}`;
  const pinned = devices?.filter((device) => device.pinned).map(({ unitId: id, profile }) => ({ unitId: id, profile }));
  const probed = unitIds ?? (pinned ? [] : [unitId ?? 1]);
  const bus = { id: name, url };
  if (line) bus.line = line;
  if (probed.length > 0) bus.unitIds = probed;
  if (pinned?.length > 0) bus.devices = pinned;
  return `  - ${flow({ ...bus, discover: true })}`;
}

function serialBus({ name, endpoint, baudRate, profile, devices }) {
  const bus = { id: name, path: endpoint };
  if (baudRate) bus.baudRate = baudRate;
  if (devices?.length > 1) bus.devices = devices.map((device) => ({ profile: device.profile, params: device.params }));
  else if (profile) bus.profile = profile;
  return `  - ${flow({ ...bus, discover: true })}`;
}

function account({ account: { userName, password, publish, subscribe } }) {
  return `    - ${flow({ userName, password, publish, subscribe })}`;
}

function topics({ profile, topicName }) {
  return `    - ${flow({ profile, name: topicName })}`;
}

/** YAML in one line: what JSON says, with bare keys. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${key}: ${flow(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function onvif(cameras) {
  const hosts = cameras.map(({ endpoint }) => (endpoint.includes('://') ? new URL(endpoint).host : endpoint));
  const { username, password } = cameras[0];
  const account = username ? `, username: ${JSON.stringify(username)}, password: ${JSON.stringify(password)}` : '';
  return `{ discover: true, hosts: ${JSON.stringify(hosts)}${account} }`;
}

/** The cloud's ports moved: the unit looks for it where it is now. Returns whether something changed. */
export function writeUnitAddresses({ folder, mqtt, gateway }) {
  const file = path.join(folder, 'unit.json');
  const current = readUnitCredential(folder);
  if (!current || !mqtt || !gateway) return false;
  const next = { ...current, cloud: { ...current.cloud, mqtt, gateway } };
  if (JSON.stringify(current) === JSON.stringify(next)) return false;
  writeWhole(file, `${JSON.stringify(next, null, 2)}\n`, 0o600);
  return true;
}

/** The unit's credential on disk, or undefined when it is missing or not readable as one. */
export function readUnitCredential(folder) {
  try {
    const value = JSON.parse(readOr(path.join(folder, 'unit.json')) ?? 'null');
    return typeof value?.unitId === 'string' && typeof value.secret === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whose certificate lies there, with everything that belongs to it; undefined where the unit has to be enrolled (anew). */
export function readUnitIdentity(folder, now = Date.now()) {
  const inside = (name) => readOr(path.join(folder, 'identity', name)) ?? '';
  try {
    // What a power cut left is finished by the unit itself, and is an identity.
    if (inside('step.json') !== '') return readUnitCredential(folder)?.unitId;
    const certificate = new crypto.X509Certificate(inside('certificate.pem'));
    const unitId = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
    const whole =
      certificate.checkPrivateKey(crypto.createPrivateKey(inside('key.pem'))) &&
      JSON.parse(inside('trust.json')).certificates.length > 0 &&
      Date.parse(certificate.validTo) > now;
    return whole && readUnitCredential(folder)?.unitId === unitId ? unitId : undefined;
  } catch {
    return undefined;
  }
}

/** An identity of another cloud, or a broken one: the unit takes a code only while it has none. */
export function forgetUnitIdentity(folder) {
  fs.rmSync(path.join(folder, 'identity'), { recursive: true, force: true });
}

const withoutWindow = (text) => text.replace(/until: \S+/, 'until');
const digest = (text) => crypto.createHash('sha256').update(text).digest('hex');

function readOr(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, also at a power cut. */
function writeWhole(file, text, mode) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const fd = fs.openSync(temporary, 'w', mode);
  try {
    fs.fchmodSync(fd, mode);
    fs.writeSync(fd, text);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(temporary, file);
}
