import type { DeviceClass } from '@hallhub/shared/profile';
import type { IconName } from '../../ui/icons.js';

const icons = {
  'queue-machine': 'ticket',
  evaluator: 'star',
  'led-display': 'display',
  'guide-screen': 'display',
  kiosk: 'kiosk',
  'id-card-reader': 'idCard',
  'card-reader': 'card',
  'code-reader': 'code',
  'document-scanner': 'scanner',
  'ticket-printer': 'printer',
  camera: 'camera',
  microphone: 'microphone',
  speaker: 'speaker',
  player: 'play',
  meter: 'meter',
  ups: 'battery',
  pdu: 'socket',
  'environment-sensor': 'thermometer',
  'leak-sensor': 'drop',
  'smoke-sensor': 'smoke',
  'gas-sensor': 'gas',
  'presence-sensor': 'me',
  'air-conditioner': 'snow',
  thermostat: 'dial',
  relay: 'relay',
  light: 'bulb',
  door: 'door',
  network: 'network',
  other: 'device',
} as const satisfies Record<DeviceClass, IconName>;

/** What a kind of device is drawn as; one that this console does not know yet is a device. */
export const classIcon = (deviceClass: string): IconName =>
  Object.hasOwn(icons, deviceClass) ? icons[deviceClass as DeviceClass] : 'device';
