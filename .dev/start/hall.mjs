import { EventEmitter } from 'node:events';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { HallVision } from './hall-vision.mjs';
import { PARTS } from './options.mjs';
import { Part } from './part.mjs';
import { choosePorts } from './ports.mjs';
import { forgetUnitIdentity, readUnitIdentity, writeEdgeConfig, writeUnitAddresses } from './unit-files.mjs';

/**
 * The hall's processes in their order: cloud, simulators, the unit's files, edge. Emits `progress`, `part`
 * ({ name, state }), `down`, `status` (something to redraw) and `note`. `start()` resolves with what the ready line says.
 */
export class Hall extends EventEmitter {
  #options;
  #root;
  #entries;
  #timing;
  #ports = {};
  #stopping = false;
  #reissue = false;
  #enrolment;
  #vision;
  parts = new Map();
  firstUser;
  hallName = '演示营业厅';
  console;

  constructor({ options, root, entries = {}, timing = {}, bringModels }) {
    super();
    this.#options = options;
    this.#root = root;
    this.#entries = entries;
    this.#timing = timing;
    this.#vision = new HallVision(options, {
      ...{ root, bringModels, emit: (name, value) => this.emit(name, value) },
      tellCloud: (message) => this.parts.get('cloud')?.tell(message),
    });
  }

  folder(name) {
    return path.join(this.#options.data, name);
  }

  /** Decides the ports; rejects with a Failure that names the option when one cannot be had. */
  async choosePorts() {
    this.#ports = await choosePorts(this.#options);
    this.#notePorts();
  }

  /** Starts everything that is switched on. Rejects with the first part's Failure; the caller then stops the rest. */
  async start() {
    const { parts } = this.#options;
    let unit;
    void this.#vision.fetchModels();
    if (parts.cloud) unit = await this.#startCloud();
    if (parts.simulators) await this.#startPart('simulators', () => this.#simulatorArgs());
    if (parts.edge) {
      this.#prepareUnit(unit);
      await this.#startPart('edge', () => this.#edgeArgs());
    }
    return this.summary();
  }

  /** Stops in reverse order: the edge first, so that it says goodbye to a cloud that still listens. */
  async stop() {
    this.#stopping = true;
    this.#vision.stop();
    const killed = [];
    for (const name of [...PARTS].reverse()) {
      const part = this.parts.get(name);
      if (!part) continue;
      if (part.pid) this.emit('progress', { part: name, step: 'stop', text: 'stopping' });
      const result = await part.stop();
      if (result.killed) killed.push(name);
    }
    return { killed };
  }

  /** Ends every process at once. */
  kill() {
    this.#stopping = true;
    this.#vision.stop();
    for (const part of this.parts.values()) part.kill();
  }

  /** Everything a view shows, as plain data. */
  summary() {
    const part = (name) => this.parts.get(name);
    const parts = PARTS.map((name) => {
      const running = part(name);
      if (!running) return { name, state: 'off', detail: 'switched off' };
      const { state, since, restarts, pid } = running;
      return { name, state, since, restarts, pid, detail: this.#detail(name) };
    });
    return {
      console: this.console,
      hall: this.hallName,
      user: this.firstUser?.userName,
      oneTimePassword: this.firstUser?.oneTimePassword,
      cloudMqtt: part('cloud')?.ready?.mqtts ?? part('cloud')?.ready?.mqtt,
      edge: part('edge')?.ready ? { mqtt: part('edge').ready.mqtt, socket: part('edge').ready.socket } : undefined,
      parts,
      cloud: part('cloud')?.status,
      uplink: part('edge')?.status?.uplink,
      outbox: part('edge')?.status?.outbox,
      devices: part('edge')?.status?.devices ?? [],
      simulated: (part('simulators')?.ready?.devices ?? []).map(({ password, account, ...device }) => device),
      vision: part('edge')?.status?.vision,
      missing: [...(part('simulators')?.ready?.missing ?? []), ...this.#vision.missing(part('edge')?.status?.vision)],
      data: this.#options.data,
    };
  }

  async #startCloud() {
    const identity = readUnitIdentity(this.folder('edge'));
    this.#reissue = this.#options.parts.edge && !identity;
    const cloud = this.#make('cloud', () => this.#cloudArgs(), {});
    let ready = await cloud.start();
    if (this.#stopping) throw stopped();
    const unit = ready.demoUnit;
    if (this.#options.parts.edge && unit && !unit.enrolment && identity !== unit.unitId) {
      // The unit's identity belongs to another cloud's data: ask for a new one.
      this.emit('progress', {
        part: 'cloud',
        step: 'reissue',
        text: "the unit's identity is of another cloud: making a new one",
      });
      this.#reissue = true;
      ready = await cloud.restart();
    }
    this.#reissue = false;
    return ready.demoUnit;
  }

  async #startPart(name, args) {
    if (this.#stopping) throw stopped();
    // What a dead part leaves behind (ffmpeg, an RTSP server) would hold its ports.
    return await this.#make(name, args, { sweep: true }).start();
  }

  #onCloudReady(ready) {
    this.console = ready.http;
    if (ready.firstUser) this.firstUser = ready.firstUser;
    if (ready.demoUnit?.hallName) this.hallName = ready.demoUnit.hallName;
  }

  #prepareUnit(unit) {
    const folder = this.folder('edge');
    const { mqtts: mqtt, gateway } = this.parts.get('cloud')?.ready ?? {};
    // The cloud gives a code where it knows of no certificate: what lies here is then of no use.
    if (unit?.enrolment) forgetUnitIdentity(folder);
    this.#enrolment = unit?.enrolment;
    if (readUnitIdentity(folder)) writeUnitAddresses({ folder, mqtt, gateway });
    else if (!this.#enrolment) {
      this.emit('note', { level: 'warn', part: 'edge', text: 'is not enrolled: the hall runs without a cloud' });
    }
    return this.#writeConfig();
  }

  #writeConfig() {
    const devices = this.parts.get('simulators')?.ready?.devices ?? [];
    const config = writeEdgeConfig({
      folder: this.folder('edge'),
      port: this.#ports.edge,
      hallName: this.hallName,
      devices,
    });
    if (config.kept) {
      const text = `${path.relative(process.cwd(), config.file) || config.file} was changed by hand: simulated addresses are not written to it`;
      this.emit('note', { level: 'info', part: 'edge', text });
    }
    return config;
  }

  /** Simulators that came back on other addresses: the unit is told by a new configuration and a restart. */
  async #onSimulatorsBack() {
    const edge = this.parts.get('edge');
    if (!edge || this.#stopping || !this.#writeConfig().changed) return;
    this.emit('note', { level: 'warn', part: 'edge', text: 'simulated devices moved: restarting the unit' });
    await edge.bounce();
  }

  #make(name, args, { sweep = false }) {
    const part = new Part({
      name,
      args,
      sweep,
      main: this.#entries[name] ?? path.join(this.#root, name, 'dist/main.js'),
      cwd: this.#root,
      logFile: path.join(this.#options.data, 'logs', `${name}.log`),
      timing: this.#timing,
    });
    this.parts.set(name, part);
    let seen = false;
    part.on('progress', ({ step, text }) => this.emit('progress', { part: name, step, text }));
    part.on('state', (state) => this.emit('part', { name, state }));
    part.on('status', () => this.emit('status'));
    part.on('filming', (camera) => this.#vision.filming(camera));
    part.on('down', (down) => this.emit('down', { name, ...down }));
    part.on('ready', (ready) => {
      if (name === 'cloud') this.#onCloudReady(ready);
      this.emit('progress', { part: name, step: 'ready', text: `ready  ${this.#detail(name)}` });
      if (seen && name === 'cloud') this.#vision.tellFilming();
      if (seen && name === 'simulators') void this.#onSimulatorsBack();
      seen = true;
    });
    return part;
  }

  #cloudArgs() {
    const args = [
      '--data',
      this.folder('cloud'),
      '--port',
      String(this.#ports.console),
      '--mqtt-port',
      String(this.#ports.mqtt),
      '--mqtts-port',
      String(this.#ports.mqtts),
      '--unit-port',
      String(this.#ports.unit),
    ];
    args.push('--host', '127.0.0.1', '--seed-demo');
    if (this.#reissue) args.push('--reissue-unit');
    return args;
  }

  #edgeArgs() {
    const folder = this.folder('edge');
    const args = ['--data', folder, '--config', path.join(folder, 'edge.yaml')];
    const enrolment = readUnitIdentity(folder) ? undefined : this.#enrolment;
    // edge.yaml is this launcher's: what a unit before had in it is of other addresses.
    if (enrolment) args.push('--enrol', enrolment.code, '--cloud', enrolment.gateway, '--keep-config');
    return args;
  }

  #simulatorArgs() {
    const args = ['--data', this.folder('simulators'), '--edge-mqtt', `mqtt://127.0.0.1:${this.#ports.edge}`];
    const { hall, profiles, count, faults, devices, seed } = this.#options;
    if (profiles) args.push('--profile', profiles.join(','), ...(count ? ['--count', String(count)] : []));
    else if (hall === 'full') args.push('--hall', 'full');
    else args.push('--only', devices.join(','));
    if (faults) args.push('--faults', faults);
    args.push('--seed', String(seed));
    return args;
  }

  #detail(name) {
    const ready = this.parts.get(name)?.ready;
    if (!ready) return '';
    if (name === 'cloud') return ready.http ?? '';
    if (name === 'edge') return ready.mqtt ?? '';
    // A bus is one entry with the devices that are on it.
    const count = (ready.devices ?? []).reduce((sum, { devices }) => sum + (devices?.length ?? 1), 0);
    return `${count} simulated device${count === 1 ? '' : 's'}`;
  }

  #notePorts() {
    const { mqttPort, mqttsPort, unitPort, edgePort, parts } = this.#options;
    const { mqtt, mqtts, unit, edge } = this.#ports;
    if (parts.cloud) {
      this.#movedPort('cloud', 'its MQTT broker', mqttPort, mqtt);
      this.#movedPort('cloud', 'its MQTT broker for certificates', mqttsPort, mqtts);
      this.#movedPort('cloud', 'its gateway for units', unitPort, unit);
    }
    if (parts.edge) this.#movedPort('edge', 'its MQTT broker', edgePort, edge);
  }

  #movedPort(part, what, wanted, got) {
    if (wanted === got) return;
    this.emit('note', { level: 'info', part, text: `port ${wanted} is in use: ${what} listens on ${got}` });
  }
}

function stopped() {
  return new Failure('Stopped while starting.', { code: 'stopped' });
}

/** The message when a part's death is survived: who, how, what happens next. */
export function downText({ failure, retryInMs }) {
  const message = failure instanceof Failure ? failure.message : String(failure);
  const wait = retryInMs < 1000 ? 'at once' : `in ${Math.round(retryInMs / 1000)} s`;
  const hint = failure.hint ? ` ${failure.hint.split('\n')[0]}.` : '';
  return `${message.replace(/^\w+:? /, '')}${hint} Restarting ${wait}.`;
}
