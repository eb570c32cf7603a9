import { isHubError } from '../errors/index.js';
import { checkInput, checkOutput } from '../thing/check-value.js';
import type { ThingValue } from '../thing/value-shape.js';
import { bytesToHex, hexToBytes } from './codec/bytes.js';
import { attempt, type Decoded, emptyDecoded, propertyShape } from './codec/decoded.js';
import { decodeFrame } from './codec/frame-decode.js';
import { buildFrame } from './codec/frame-encode.js';
import { FrameSplitter } from './codec/frame-splitter.js';
import { deriveModbusEvents } from './codec/modbus-events.js';
import { planModbusCommand, planModbusWrite } from './codec/modbus-plan.js';
import type { MqttMessageIn } from './codec/mqtt-body.js';
import { decodeMqttMessage, decodeMqttReply, decodePresence } from './codec/mqtt-mapping.js';
import { encodeMqttCommand, encodeMqttWrite } from './codec/mqtt-publish.js';
import { decodeOnvifFacts, decodeOnvifNotification, planOnvifCommand } from './codec/onvif-mapping.js';
import { decodePoint } from './codec/registers.js';
import { firmwareSets } from './compose/firmware-sets.js';
import { resolveForFirmware } from './compose/resolve-firmware.js';
import { compileDerived } from './derived.js';
import type { MqttMapped } from './mqtt-schema.js';
import { canonicalJson } from './profile-hash.js';
import type { Profile } from './profile-schema.js';
import { registerCount } from './register-schema.js';
import type { SerialBinding } from './serial-schema.js';
import { compare, modelProblems, type Outcome, same, sentPayload, shownPayload, showWrite } from './vector-outcome.js';
import type { Vector, VectorsFile } from './vector-schema.js';

export interface VectorFailure {
  name: string;
  message: string;
  expected: unknown;
  actual: unknown;
}

export interface VectorReport {
  passed: number;
  failures: VectorFailure[];
  /** Properties, events and commands that no vector touches: `property waiting`, `command recall`. */
  untested: string[];
}

/** Runs every vector against the profile's codecs. It never throws: a crash is a failure of that vector. */
export function runVectors(profile: Profile, file: VectorsFile): VectorReport {
  const touched = new Set<string>();
  const report: VectorReport = { passed: 0, failures: [], untested: [] };
  for (const vector of file.vectors) {
    try {
      const effective = resolveForFirmware(profile, vector.firmware).profile;
      const { expected, actual } = runVector(effective, vector, touched);
      if (canonicalJson(expected) === canonicalJson(actual)) report.passed += 1;
      else report.failures.push({ name: vector.name, message: 'the result is another', expected, actual });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      report.failures.push({ name: vector.name, message, expected: undefined, actual: undefined });
    }
  }
  const all = effectiveProfiles(profile).flatMap(({ thing }) => [
    ...thing.properties.map(({ id }) => `property ${id}`),
    ...thing.events.map(({ id }) => `event ${id}`),
    ...thing.commands.map(({ id }) => `command ${id}`),
  ]);
  report.untested = [...new Set(all)].filter((one) => !touched.has(one));
  return report;
}

/** The profile for every set of variants that some firmware gets. */
function effectiveProfiles(profile: Profile): Profile[] {
  const sets = firmwareSets((profile.variants ?? []).map(({ firmware }) => firmware));
  return sets.map(({ firmware }) => resolveForFirmware(profile, firmware).profile);
}

function runVector(profile: Profile, vector: Vector, touched: Set<string>): Outcome {
  if ('command' in vector && vector.command !== undefined) touched.add(`command ${vector.command}`);
  if ('property' in vector && vector.property !== undefined) touched.add(`property ${vector.property}`);
  if ('values' in vector && vector.kind !== 'derived')
    for (const id of Object.keys(vector.values)) touched.add(`property ${id}`);
  if ('events' in vector) for (const { event } of vector.events) touched.add(`event ${event}`);
  switch (vector.kind) {
    case 'modbusRead':
      return modbusRead(profile, vector);
    case 'modbusChange': {
      const raised = deriveModbusEvents(need(profile, 'modbus'), vector.before, vector.after);
      return compare({ ...vector, values: {}, problems: [] }, { ...emptyDecoded(), events: raised }, profile);
    }
    case 'modbusWrite':
      return same(
        [vector.write],
        [showWrite(planModbusWrite(need(profile, 'modbus'), vector.property, vector.value).write)],
      );
    case 'modbusCommand': {
      const steps = planModbusCommand(need(profile, 'modbus'), vector.command, inputOf(profile, vector));
      const writes = steps.flatMap((step) => ('write' in step ? [showWrite(step.write)] : []));
      return same(vector.writes, writes);
    }
    case 'serialReceive':
      return serialReceive(profile, vector);
    case 'serialSend':
      return serialSend(profile, vector);
    case 'mqttMessage': {
      const binding = mapped(profile);
      const message = { topic: vector.topic, payload: sentPayload(vector), retain: vector.retained };
      const presence = decodePresence(binding, message);
      const decoded = presence ? emptyDecoded() : readMessage(binding, profile, message);
      return compare(vector, decoded, profile, { presence: [vector.presence, presence], at: [vector.at, decoded.at] });
    }
    case 'mqttSend': {
      const binding = mapped(profile);
      const { device, commandId } = vector;
      const to = { device, commandId };
      const sent =
        vector.command !== undefined
          ? encodeMqttCommand(
              binding,
              vector.command,
              inputOf(profile, { command: vector.command, input: vector.input }),
              to,
            )
          : encodeMqttWrite(binding, vector.property ?? '', vector.input.value ?? '', to);
      const expected = vector.publishes.map((one) => ({ topic: one.topic, ...shownPayload(sentPayload(one)) }));
      return { expected, actual: sent.map(({ topic, payload }) => ({ topic, ...shownPayload(payload) })) };
    }
    case 'mqttReply': {
      const reply = mapped(profile).commands[vector.command]?.reply;
      const { topic, commandId } = vector;
      const message = { topic, payload: sentPayload(vector), commandId };
      const answer = reply && decodeMqttReply(reply, profile.thing, vector.command, message);
      if (!answer) return { expected: 'an answer', actual: 'no answer' };
      return {
        expected: { ok: vector.ok, output: vector.output, problems: vector.problems },
        actual: { ...answer, problems: answer.problems.map(({ path }) => path) },
      };
    }
    case 'derived': {
      for (const id of Object.keys(vector.expect)) touched.add(`property ${id}`);
      const { values, problems } = compileDerived(profile)?.derive(vector.values, () => undefined) ?? emptyDecoded();
      return compare(
        { values: vector.expect, events: [], problems: vector.problems },
        { ...emptyDecoded(), values, problems },
        profile,
      );
    }
    case 'native': {
      const decoded: Decoded = {
        ...emptyDecoded(),
        values: vector.values as Decoded['values'],
        events: vector.events as Decoded['events'],
      };
      return { expected: [...vector.problems].sort(), actual: modelProblems(decoded, profile).sort() };
    }
    case 'nativeCommand':
      return nativeCommand(profile, vector);
    case 'onvifNotification':
      return compare(
        vector,
        decodeOnvifNotification(need(profile, 'onvif'), profile.thing, vector) ?? emptyDecoded(),
        profile,
      );
    case 'onvifFacts':
      return compare(
        { ...vector, events: [] },
        decodeOnvifFacts(need(profile, 'onvif'), profile.thing, vector.facts),
        profile,
      );
    case 'onvifCommand': {
      const actual = planOnvifCommand(need(profile, 'onvif'), vector.command, inputOf(profile, vector));
      return { expected: { action: vector.action, arguments: vector.arguments }, actual };
    }
  }
}

function modbusRead(profile: Profile, vector: Extract<Vector, { kind: 'modbusRead' }>): Outcome {
  const binding = need(profile, 'modbus');
  const bytes = hexToBytes(vector.hex);
  const single = vector.table === 'coil' || vector.table === 'discrete';
  const words = single
    ? [...bytes]
    : Array.from({ length: bytes.length >> 1 }, (_, i) => ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0));
  const decoded = emptyDecoded();
  for (const [id, point] of Object.entries(binding.points)) {
    const from = point.address - vector.address;
    const inside = point.table === vector.table && from >= 0 && from + registerCount(point) <= words.length;
    if (!inside) continue;
    const value = attempt(id, decoded.problems, () =>
      decodePoint(point, words, propertyShape(profile.thing, id), binding, from),
    );
    if (value !== undefined) decoded.values[id] = value;
  }
  return compare({ ...vector, events: [] }, decoded, profile);
}

function serialReceive(profile: Profile, vector: Extract<Vector, { kind: 'serialReceive' }>): Outcome {
  const binding = need(profile, 'serial');
  const splitter = new FrameSplitter(binding.framing, binding.checksum);
  const found = vector.receive.map((piece) => splitter.push(hexToBytes(piece)));
  if (binding.framing.type === 'idle') found.push(splitter.idle());
  const all = emptyDecoded();
  const output: Record<string, ThingValue> = {};
  const frames: string[] = [];
  const acknowledged: string[] = [];
  let refused = false;
  for (const frame of found.flatMap((one) => one.frames)) {
    const decoded = decodeFrame(binding, profile.thing, frame, {
      expect: vector.expect,
      params: vector.params,
      ...(vector.command === undefined ? {} : { command: vector.command }),
    });
    frames.push(decoded.frame ?? '?');
    const { acknowledge } = binding.frames[decoded.frame ?? ''] ?? {};
    if (acknowledge && !vector.expect.includes(decoded.frame ?? '')) {
      const sent = buildFrame(binding, acknowledge.send, {}, { params: vector.params, raw: acknowledge.raw });
      acknowledged.push(bytesToHex(sent));
    }
    refused ||= decoded.refused;
    Object.assign(all.values, decoded.values);
    Object.assign(output, decoded.output);
    all.events.push(...decoded.events);
    all.problems.push(...decoded.problems);
  }
  const faults = found.flatMap((one) => one.faults.map((fault) => fault.kind));
  return compare(vector, all, profile, {
    frames: [vector.frames, frames],
    ...(vector.acknowledged
      ? {
          acknowledged: [vector.acknowledged.map((hex) => bytesToHex(hexToBytes(hex))), acknowledged] as [
            unknown,
            unknown,
          ],
        }
      : {}),
    faults: [vector.faults, faults],
    refused: [vector.refused, refused],
    output: [vector.output, output],
  });
}

function serialSend(profile: Profile, vector: Extract<Vector, { kind: 'serialSend' }>): Outcome {
  const binding: SerialBinding = need(profile, 'serial');
  const source =
    vector.command !== undefined
      ? binding.commands[vector.command]
      : vector.property !== undefined
        ? binding.writes[vector.property]
        : binding.polls[vector.poll ?? ''];
  if (!source) return { expected: 'a command, property or poll of the binding', actual: 'none' };
  const input =
    vector.command === undefined ? vector.input : inputOf(profile, { command: vector.command, input: vector.input });
  const sent = source.steps.map((step) =>
    bytesToHex(buildFrame(binding, step.send, input, { params: vector.params, raw: step.raw })),
  );
  return { expected: vector.send.map((hex) => bytesToHex(hexToBytes(hex))), actual: sent };
}

function nativeCommand(profile: Profile, vector: Extract<Vector, { kind: 'nativeCommand' }>): Outcome {
  const command = profile.thing.commands.find(({ id }) => id === vector.command);
  if (!command) return { expected: `a command ${vector.command}`, actual: 'none' };
  const input = checkInput(command, vector.input);
  const output = checkOutput(command, vector.output);
  const problems = [
    ...(input.ok ? [] : input.errors.map(({ path }) => `input.${path}`)),
    // A vector that shows a refused input need not invent an answer.
    ...(output.ok || !input.ok ? [] : output.errors.map(({ path }) => `output.${path}`)),
  ];
  return {
    expected: { problems: [...vector.problems].sort(), ...(vector.filled ? { filled: vector.filled } : {}) },
    actual: { problems: problems.sort(), ...(vector.filled ? { filled: input.ok ? input.value : undefined } : {}) },
  };
}

function readMessage(binding: MqttMapped, profile: Profile, message: MqttMessageIn): Decoded {
  try {
    return decodeMqttMessage(binding, profile.thing, message) ?? emptyDecoded();
  } catch (error) {
    if (!isHubError(error, 'protocol_violation')) throw error;
    return { ...emptyDecoded(), problems: [{ path: 'payload', message: error.message }] };
  }
}

function inputOf(
  profile: Profile,
  vector: { command: string; input: Record<string, ThingValue> },
): Record<string, ThingValue> {
  const command = profile.thing.commands.find(({ id }) => id === vector.command);
  const checked = command && checkInput(command, vector.input);
  if (!checked) throw new RangeError(`the thing model has no command ${vector.command}`);
  if (!checked.ok) throw new RangeError(checked.errors.map(({ message }) => message).join('; '));
  return checked.value;
}

function need<K extends 'modbus' | 'serial' | 'onvif'>(
  profile: Profile,
  protocol: K,
): NonNullable<Profile['bindings'][K]> {
  const binding = profile.bindings[protocol];
  if (!binding) throw new RangeError(`the profile has no ${protocol} binding`);
  return binding;
}

function mapped(profile: Profile): MqttMapped {
  const binding = profile.bindings.mqtt;
  if (!binding || binding.native) throw new RangeError('the profile maps no MQTT messages');
  return binding;
}
