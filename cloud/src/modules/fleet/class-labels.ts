import type { Label } from '@hallhub/shared';
import type { DeviceClass } from '@hallhub/shared/profile';

const labels: Readonly<Record<DeviceClass, Label>> = {
  'queue-machine': { zh: '排队取号机', en: 'Queue machine' },
  evaluator: { zh: '评价器', en: 'Evaluator' },
  'led-display': { zh: 'LED 显示屏', en: 'LED display' },
  'guide-screen': { zh: '导览屏', en: 'Guide screen' },
  kiosk: { zh: '自助终端', en: 'Kiosk' },
  'id-card-reader': { zh: '身份证读卡器', en: 'ID-card reader' },
  'card-reader': { zh: '读卡器', en: 'Card reader' },
  'code-reader': { zh: '扫码器', en: 'Code reader' },
  'document-scanner': { zh: '高拍仪', en: 'Document scanner' },
  'ticket-printer': { zh: '小票打印机', en: 'Ticket printer' },
  camera: { zh: '摄像机', en: 'Camera' },
  microphone: { zh: '拾音器', en: 'Microphone' },
  speaker: { zh: '音箱', en: 'Speaker' },
  player: { zh: '播放器', en: 'Media player' },
  meter: { zh: '计量表', en: 'Meter' },
  ups: { zh: '不间断电源', en: 'UPS' },
  pdu: { zh: '配电单元', en: 'Power distribution unit' },
  'environment-sensor': { zh: '环境传感器', en: 'Environment sensor' },
  'leak-sensor': { zh: '漏水传感器', en: 'Leak sensor' },
  'smoke-sensor': { zh: '烟雾传感器', en: 'Smoke sensor' },
  'gas-sensor': { zh: '燃气传感器', en: 'Gas sensor' },
  'presence-sensor': { zh: '人体传感器', en: 'Presence sensor' },
  'air-conditioner': { zh: '空调', en: 'Air conditioner' },
  thermostat: { zh: '温控器', en: 'Thermostat' },
  relay: { zh: '继电器', en: 'Relay' },
  light: { zh: '照明', en: 'Light' },
  door: { zh: '门', en: 'Door' },
  network: { zh: '网络设备', en: 'Network device' },
  other: { zh: '其他', en: 'Other' },
};

export const classLabel = (deviceClass: string): Label | null =>
  Object.hasOwn(labels, deviceClass) ? labels[deviceClass as DeviceClass] : null;
