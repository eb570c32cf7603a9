import type { Test } from 'tap';
import { onvifConfigSchema } from '../../../../edge/src/adapters/onvif/config.js';
import { OnvifAdapter } from '../../../../edge/src/adapters/onvif/onvif-adapter.js';
import { profileOf, TestHost } from '../../../../edge/src/adapters/test-host.js';
import { type Camera, type CameraOptions, openCamera } from '../../peers/camera/camera.js';

export const credential = { userName: 'operator', password: 'secret <&> of a test' };

const label = (text: string) => `{ zh: ${text}, en: ${text} }`;
const number = (id: string, more = 'range: [-1, 1000000]') =>
  `{ id: ${id}, label: ${label(id)}, type: number, unit: "1", ${more} }`;
const text = (id: string) => `{ id: ${id}, label: ${label(id)}, type: string, maxLength: 2000 }`;
const flag = (id: string) => `{ id: ${id}, label: ${label(id)}, type: boolean }`;
const command = (id: string, input: string[] = [], output: string[] = []) =>
  `{ id: ${id}, label: ${label(id)}, input: [${input.join(', ')}], output: [${output.join(', ')}], timeoutMs: 20000 }`;

/** A profile that uses whatever the adapter offers. */
export const profile = profileOf(`
schema: 1
vendor: test
vendorLabel: ${label('测试')}
model: everything
label: ${label('摄像机')}
class: camera
version: 1.0.0
source: { kind: own, document: These tests }
match: { onvif: [{ manufacturer: HallHub, model: "*" }] }
thing:
  properties:
    - ${number('width')}
    - ${number('subWidth')}
    - ${text('service')}
    - ${text('serial')}
    - ${text('audio')}
    - ${number('brightness', 'range: [0, 100], access: rw')}
    - { id: dayNight, label: ${label('昼夜')}, type: enum, values: [{ id: day, label: ${label('日')} }, { id: night, label: ${label('夜')} }, { id: auto, label: ${label('自动')} }], access: rw }
    - { id: hostname, label: ${label('主机名')}, type: string, maxLength: 63, access: rw }
    - ${number('skew', 'range: [-4000000000000, 4000000000000]')}
    - ${number('presetCount')}
    - ${number('pan')}
    - ${flag('moving')}
    - ${flag('pictures')}
    - ${flag('motion')}
    - ${flag('gate')}
  events:
    - { id: motionStarted, label: ${label('移动')} }
  commands:
    - ${command('snapshot', [], [text('uri'), text('contentType'), number('bytes')])}
    - ${command('probe', [text('transport')], [text('codec'), text('tracks'), number('packets')])}
    - ${command('stream', [text('media')], [text('uri'), text('media')])}
    - ${command('move', [number('pan'), number('tilt'), number('zoom'), number('durationMs')])}
    - ${command('moveTo', [number('pan'), number('tilt'), number('zoom')])}
    - ${command('moveBy', [number('pan')])}
    - ${command('setPreset', [text('name')], [text('preset')])}
    - ${command('removePreset', [text('preset')])}
    - ${command('gotoPreset', [text('preset')])}
    - ${command('listPresets', [], [number('count'), text('presets')])}
    - ${command('setHome')}
    - ${command('gotoHome')}
    - ${command('wipe')}
    - ${command('picture', [number('contrast')])}
    - ${command('focus', [number('speed')])}
    - ${command('openGate')}
    - ${command('ports', [], [text('relays'), text('inputs')])}
    - ${command('reboot', [], [text('message'), number('awayMs')])}
    - ${command('syncTime', [], [number('skewMs')])}
bindings:
  onvif:
    capabilities: [profiles, snapshot, ptz, events, imaging, relays]
    everyMs: 1000
    properties:
      width: { fact: media.width }
      subWidth: { fact: media.sub.width }
      service: { fact: media.service }
      serial: { fact: device.serialNumber }
      audio: { fact: media.audioEncoding }
      brightness: { fact: imaging.brightness, write: true }
      dayNight: { fact: imaging.irCutFilter, write: true, map: { "ON": day, "OFF": night, AUTO: auto } }
      hostname: { fact: device.hostname, write: true }
      skew: { fact: clock.skewMs }
      presetCount: { fact: ptz.presetCount }
      pan: { fact: ptz.pan }
      moving: { fact: ptz.moving }
      pictures: { fact: media.snapshotReachable }
      motion: { topics: [VideoSource/MotionAlarm, RuleEngine/CellMotionDetector/Motion], item: [IsMotion, State] }
      gate: { topic: Device/Trigger/Relay, item: LogicalState, where: { RelayToken: relay2 }, map: { active: true, inactive: false } }
    events:
      motionStarted: { topics: [VideoSource/MotionAlarm, RuleEngine/CellMotionDetector/Motion], when: { item: [IsMotion, State], equals: true } }
    commands:
      snapshot: { action: snapshot }
      probe: { action: streamProbe }
      stream: { action: streamUri }
      move: { action: ptz.continuousMove }
      moveTo: { action: ptz.absoluteMove }
      moveBy: { action: ptz.relativeMove }
      setPreset: { action: ptz.setPreset }
      removePreset: { action: ptz.removePreset }
      gotoPreset: { action: ptz.gotoPreset }
      listPresets: { action: ptz.listPresets }
      setHome: { action: ptz.setHome }
      gotoHome: { action: ptz.gotoHome }
      wipe: { action: ptz.auxiliary, with: { command: "tt:Wiper|On" } }
      picture: { action: imaging.set }
      focus: { action: imaging.focusMove, with: { durationMs: 50 } }
      openGate: { action: relay.pulse, with: { token: relay2, durationMs: 50 } }
      ports: { action: io.list }
      reboot: { action: device.reboot }
      syncTime: { action: device.syncTime }
`);

export const camera = async (t: Test, serial: string, more: Partial<CameraOptions> = {}): Promise<Camera> => {
  const opened = await openCamera({
    identity: { manufacturer: 'HallHub', model: 'Dome-2', firmware: '3.1.0', serial, hardware: 'A' },
    credential,
    stream: false,
    discovery: false,
    ...more,
  });
  t.teardown(() => opened[Symbol.asyncDispose]());
  return opened;
};

export interface Hall {
  readonly host: TestHost;
  readonly adapter: OnvifAdapter;
  /** Of the device with this serial number. */
  idOf(serial: string): string;
  addressOf(serial: string): string;
  run(serial: string, command: string, input?: Record<string, unknown>): Promise<Record<string, unknown> | undefined>;
}

/** A unit's adapter, with a core that knows devices again by their identity. */
export const hall = async (t: Test, config: object): Promise<Hall> => {
  const host = new TestHost([profile], 'onvif');
  const parsed = onvifConfigSchema.parse({
    discover: false,
    username: credential.userName,
    password: credential.password,
    timeoutMs: 4_000,
    presenceEveryMs: 500,
    rediscoverEveryMs: 1_000,
    ...config,
  });
  const adapter = new OnvifAdapter(parsed, host);
  host.onFound = (view) => adapter.attach(view);
  t.teardown(() => adapter.stop());
  await adapter.start();
  const view = (serial: string) => {
    const found = host.devices.list().find(({ identity }) => identity.serial === serial);
    if (!found) throw new Error(`no camera ${serial}`);
    return found;
  };
  return {
    host,
    adapter,
    idOf: (serial) => view(serial).deviceId,
    addressOf: (serial) => view(serial).address,
    run: (serial, name, input = {}) =>
      adapter.execute({
        commandId: 'c',
        deviceId: view(serial).deviceId,
        command: name,
        input,
        remainingMs: 60_000,
        signal: AbortSignal.timeout(60_000),
      }),
  };
};

export const hostOf = (opened: Camera): string => new URL(opened.server.address).host;
