import { profileOf } from '../test-host.js';

/** A device with a bit of everything, for tests. */
export const testProfile = profileOf(`
schema: 1
vendor: acme
vendorLabel: { zh: 艾克, en: Acme }
model: probe-1
label: { zh: 探头, en: Probe }
class: environment-sensor
version: 1.0.0
source: { kind: own, document: a test }
match:
  modbus:
    - reads:
        - { table: holding, address: 0, type: u16, equals: 4711 }
thing:
  properties:
    - { id: kind, label: { zh: 型号, en: Kind }, type: integer, range: [0, 65535], unit: '1' }
    - { id: temperature, label: { zh: 温度, en: Temperature }, type: number, unit: Cel, range: [-40, 100] }
    - { id: level, label: { zh: 液位, en: Level }, type: number, unit: '1', range: [-100000, 100000] }
    - { id: leak, label: { zh: 漏水, en: Leak }, type: boolean }
    - { id: mode, label: { zh: 模式, en: Mode }, type: enum, values: [{ id: cool, label: { zh: 冷, en: Cool } }, { id: heat, label: { zh: 热, en: Heat } }], access: rw }
    - { id: setPoint, label: { zh: 设定, en: Set point }, type: number, unit: Cel, range: [5, 35], step: 0.5, access: rw }
    - { id: relay, label: { zh: 继电器, en: Relay }, type: boolean, access: rw }
    - { id: flag, label: { zh: 标志, en: Flag }, type: boolean, access: rw }
    - { id: low, label: { zh: 低字节, en: Low }, type: integer, range: [0, 255], unit: '1', access: rw }
    - { id: high, label: { zh: 高字节, en: High }, type: integer, range: [-128, 127], unit: '1', access: rw }
    - { id: ratio, label: { zh: 变比, en: Ratio }, type: integer, range: [0, 99999999], unit: '1', access: rw }
    - { id: far, label: { zh: 远, en: Far }, type: integer, range: [0, 65535], unit: '1' }
    - { id: serialNumber, label: { zh: 序列号, en: Serial }, type: string, maxLength: 8 }
  events:
    - id: leakFound
      label: { zh: 发现漏水, en: Leak found }
      fields: [{ id: temperature, label: { zh: 温度, en: Temperature }, type: number }]
  commands:
    - id: pulse
      label: { zh: 脉冲, en: Pulse }
      input: [{ id: value, label: { zh: 值, en: Value }, type: integer, unit: '1', range: [0, 100] }]
      output: [{ id: seen, label: { zh: 所见, en: Seen }, type: integer }]
    - { id: allOff, label: { zh: 全关, en: All off } }
    - id: swap
      label: { zh: 交换, en: Swap }
      input: [{ id: value, label: { zh: 值, en: Value }, type: integer, unit: '1', range: [0, 100] }]
bindings:
  modbus:
    timeoutMs: 100
    maxGap: 8
    turnaroundMs: 30
    everyMs: 50
    groups: { slow: { everyMs: 3600000 } }
    points:
      kind: { table: holding, address: 0, type: u16 }
      temperature: { table: holding, address: 1, type: i16, scale: 0.1, missing: [-32768] }
      level: { table: holding, address: 2, type: f32 }
      leak: { table: discrete, address: 0, type: bool }
      mode: { table: holding, address: 8, type: u16, map: { '0': cool, '1': heat }, write: { fc: 6 } }
      setPoint: { table: holding, address: 9, type: i16, scale: 0.5, write: { fc: 16 } }
      relay: { table: coil, address: 3, type: bool, write: { fc: 5 } }
      flag: { table: holding, address: 10, type: bits, bit: 3, write: { fc: 22 } }
      low: { table: holding, address: 11, type: u8, group: slow, write: { fc: 22 } }
      high: { table: holding, address: 11, type: i8, half: high, group: slow, write: { fc: 22 } }
      ratio: { table: holding, address: 40, type: bcd32, group: slow, write: { fc: 23 } }
      far: { table: holding, address: 500, type: u16, group: slow }
      serialNumber: { table: holding, address: 20, type: string, words: 4, group: slow }
    events:
      leakFound: { property: leak, to: [true], fields: { temperature: temperature } }
    commands:
      pulse:
        steps:
          - { write: { table: holding, address: 30, type: u16 }, value: { input: value }, fc: 6 }
          - { waitMs: 5 }
          - { expect: { table: holding, address: 30, type: u16 }, equals: { input: value }, withinMs: 500 }
        output:
          seen: { table: holding, address: 30, type: u16 }
      allOff:
        steps: [{ write: { table: holding, address: 50, type: u16 }, value: 1, fc: 6, broadcast: true }]
      swap:
        steps:
          - exchange: { write: { table: holding, address: 60, type: u16 }, read: { table: holding, address: 61, type: u16 } }
            value: { input: value }
            equals: { input: value }
`);
