import { meterBlocks } from './modbus-meter.js';

const dataTypes = { coil: 'Coil', holding: 'HoldingRegister', input: 'InputRegister' } as const;

/** Makes values of a reply, as the meter's profile does. */
const decode = (block: (typeof meterBlocks)[number], index: number): string =>
  block.type === 'f32'
    ? `const bytes = msg.responseBuffer.buffer; const values = {};
for (let i = 0; i < ${block.points}; i++) values['b${index}p' + i] = bytes.readFloatBE(i * 4);
return { topic: msg.topic, payload: { at: Date.now(), values } };`
    : `const values = {};
for (let i = 0; i < ${block.points}; i++) values['b${index}p' + i] = msg.payload[i];
return { topic: msg.topic, payload: { at: Date.now(), values } };`;

export interface FlowOptions {
  readonly modbusPort: number;
  readonly mqttPort: number;
  readonly meters: number;
  readonly everyMs: number;
}

/** Each block of each meter: a Modbus-Read node, a function that names the values, and one MQTT output at QoS 1 for all. */
export const pollAndPublishFlow = ({ modbusPort, mqttPort, meters, everyMs }: FlowOptions): object[] => {
  const nodes: object[] = [
    { id: 'tab', type: 'tab', label: 'bench' },
    {
      ...{ id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(mqttPort) },
      ...{ protocolVersion: '4', keepalive: '60', cleansession: true, usetls: false },
    },
    {
      ...{ id: 'bus', type: 'modbus-client', clienttype: 'tcp', tcpHost: '127.0.0.1', tcpPort: String(modbusPort) },
      ...{ tcpType: 'DEFAULT', unit_id: 1, commandDelay: 1, clientTimeout: 1000, reconnectTimeout: 2000 },
      ...{ bufferCommands: true, parallelUnitIdsAllowed: false, reconnectOnTimeout: true, queueLogEnabled: false },
      ...{ stateLogEnabled: false, failureLogEnabled: true, reconnectRandomInterval: 1000 },
    },
    {
      id: 'out',
      z: 'tab',
      type: 'mqtt out',
      topic: '',
      qos: '1',
      retain: 'false',
      broker: 'broker',
      wires: [],
    },
  ];
  for (let unit = 1; unit <= meters; unit++) {
    for (const [index, block] of meterBlocks.entries()) {
      const id = `r${unit}b${index}`;
      nodes.push(
        {
          ...{
            id,
            z: 'tab',
            type: 'modbus-read',
            name: id,
            topic: `meters/${unit}`,
            server: 'bus',
            unitid: String(unit),
          },
          ...{ dataType: dataTypes[block.table], adr: String(block.address), quantity: String(block.count) },
          ...{ rate: String(everyMs), rateUnit: 'ms', delayOnStart: false, showStatusActivities: false },
          ...{
            logIOActivities: false,
            showErrors: false,
            showWarnings: false,
            useIOFile: false,
            useIOForPayload: false,
          },
          wires: [[`f${id}`], []],
        },
        {
          id: `f${id}`,
          z: 'tab',
          type: 'function',
          func: decode(block, index),
          outputs: 1,
          libs: [],
          wires: [['out']],
        },
      );
    }
  }
  // Without a place on the sheet Node-RED takes a node for a configuration.
  return nodes.map((node) => ('z' in node ? { ...node, x: 0, y: 0 } : node));
};
