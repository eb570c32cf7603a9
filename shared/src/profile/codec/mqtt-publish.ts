import { HubError } from '../../errors/index.js';
import type { ThingValue } from '../../thing/value-shape.js';
import type { MqttMapped, Publish } from '../mqtt-schema.js';
import { buildBinary } from './mqtt-binary.js';
import { topicFor } from './mqtt-topic.js';
import { fillJson, fillTemplate, type TemplateValues } from './template.js';
import { undoTransform } from './transform.js';

export interface PublishOut {
  topic: string;
  payload: string | Uint8Array;
  qos: 0 | 1;
  retain: boolean;
}

/** What stands in a payload for the command itself. */
export function commandValues(commandId: string | undefined): TemplateValues {
  if (commandId === undefined) return {};
  return { commandId, commandNumber: commandNumberOf(commandId) };
}

/** From 0 to 2^31 - 1, of the random end of a UUID: enough to tell a device's answers apart. */
export function commandNumberOf(commandId: string): number {
  const number = Number.parseInt(commandId.slice(-8), 16);
  return Number.isNaN(number) ? 0 : number % 2 ** 31;
}

/** Messages that carry out a command. `commandId` where the payload names it. Throws `invalid_input`. */
export function encodeMqttCommand(
  binding: MqttMapped,
  command: string,
  input: TemplateValues,
  to: string | { device: string; commandId?: string | undefined },
): PublishOut[] {
  const spec = Object.hasOwn(binding.commands, command) ? binding.commands[command] : undefined;
  if (!spec) throw new HubError('unsupported', `the profile binds no command ${command}`);
  const { device, commandId } = typeof to === 'string' ? { device: to } : to;
  return spec.publish.map((publish) => encodePublish(publish, device, { ...commandValues(commandId), ...input }));
}

/** Messages that set a property. Throws `invalid_input`. */
export function encodeMqttWrite(
  binding: MqttMapped,
  property: string,
  value: ThingValue,
  to: string | { device: string; commandId?: string | undefined },
): PublishOut[] {
  const spec = Object.hasOwn(binding.writes, property) ? binding.writes[property] : undefined;
  if (!spec) throw new HubError('unsupported', `the profile binds no write to ${property}`);
  const { device, commandId } = typeof to === 'string' ? { device: to } : to;
  const raw = undoTransform(value, spec);
  const plain = typeof raw === 'bigint' ? String(raw) : raw;
  return spec.publish.map((publish) => encodePublish(publish, device, { ...commandValues(commandId), value: plain }));
}

function encodePublish(publish: Publish, device: string, given: TemplateValues): PublishOut {
  if (device === '' || /[/+#\0]/.test(device))
    throw new HubError('invalid_input', 'the device’s name does not fit into a topic');
  const values = { ...given, device };
  const { payload, binary, qos, retain } = publish;
  return { topic: topicFor(publish.topic, device), payload: encodePayload(payload, binary, values), qos, retain };
}

function encodePayload(payload: unknown, binary: Publish['binary'], values: TemplateValues): string | Uint8Array {
  if (binary) return buildBinary(binary, values);
  return typeof payload === 'string' ? fillTemplate(payload, values) : JSON.stringify(fillJson(payload, values));
}
