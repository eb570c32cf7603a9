import type { Property } from '../thing/thing-model.js';
import type { ValueShape } from '../thing/value-shape.js';
import { placeholdersOf } from './codec/template.js';
import type { Template } from './compose/template-schema.js';
import { findDerivedIssues } from './derived-references.js';
import type { ModbusBinding, ModbusStep } from './modbus-schema.js';
import { commandNames, type MqttMapped, type Publish } from './mqtt-schema.js';
import { checkOnvifCommand } from './onvif-actions.js';
import { type OnvifBinding, onvifWritableFacts } from './onvif-schema.js';
import type { PathIssue } from './path-issue.js';
import type { Profile } from './profile-schema.js';
import { registerCount } from './register-schema.js';
import type { FrameField, FramePart, SerialBinding, SerialStep } from './serial-schema.js';
import type { Transform } from './transform-schema.js';

/** Every name in bindings, alarms and firmware that points to nothing, and every map that makes an unknown value. */
export function findReferenceIssues(profile: Profile): PathIssue[] {
  const check = new ReferenceCheck(profile);
  const { mqtt, modbus, serial, onvif } = profile.bindings;
  if (mqtt && !mqtt.native) check.mqtt(mqtt, ['bindings', 'mqtt']);
  if (modbus) check.modbus(modbus, ['bindings', 'modbus']);
  if (serial) check.serial(serial, ['bindings', 'serial']);
  if (onvif) check.onvif(onvif, ['bindings', 'onvif']);
  check.alarms();
  check.match();
  return [...check.issues, ...findDerivedIssues(profile)];
}

/** The same for a template, which has no bindings. */
export function findTemplateIssues(template: Pick<Template, 'thing' | 'alarms'>): PathIssue[] {
  const check = new ReferenceCheck(template);
  check.alarms();
  return check.issues;
}

class ReferenceCheck {
  readonly issues: PathIssue[] = [];
  private readonly properties: Map<string, Property>;

  constructor(private readonly profile: Pick<Profile, 'thing' | 'alarms'> & Partial<Profile>) {
    this.properties = new Map(profile.thing.properties.map((property) => [property.id, property]));
  }

  mqtt(binding: MqttMapped, at: PropertyKey[]): void {
    binding.messages.forEach((message, index) => {
      const here = [...at, 'messages', index];
      for (const [id, pick] of Object.entries(message.properties)) this.reading(id, pick, [...here, 'properties', id]);
      for (const [event, spec] of Object.entries(message.events)) {
        this.event(event, spec.fields, [...here, 'events', event], [...here, 'events', event, 'fields']);
        if (spec.changed !== undefined && !Object.hasOwn(message.properties, spec.changed))
          this.add([...here, 'events', event, 'changed'], `the message gives no property ${spec.changed}`);
      }
    });
    for (const [id, command] of Object.entries(binding.commands)) {
      const here = [...at, 'commands', id];
      const names = this.command(id, here);
      command.publish.forEach((publish, index) => {
        this.publish(publish, [...names, 'device', ...commandNames], [...here, 'publish', index]);
        this.templates(publish.topic, ['device'], [...here, 'publish', index, 'topic']);
      });
      for (const [field, pick] of Object.entries(command.reply?.output ?? {})) {
        this.output(id, field, pick, [...here, 'reply', 'output', field]);
      }
    }
    for (const [id, write] of Object.entries(binding.writes)) {
      this.writing(id, write, [...at, 'writes', id]);
      write.publish.forEach((publish, index) => {
        this.publish(publish, ['value', 'device', ...commandNames], [...at, 'writes', id, 'publish', index]);
        this.templates(publish.topic, ['device'], [...at, 'writes', id, 'publish', index, 'topic']);
      });
    }
  }

  modbus(binding: ModbusBinding, at: PropertyKey[]): void {
    for (const [id, point] of Object.entries(binding.points)) {
      const here = [...at, 'points', id];
      this.reading(id, point, here);
      if (point.write) this.writing(id, point, [...here, 'write']);
      const last = point.address + registerCount(point) - 1;
      const hole = binding.holes.find(
        (one) => one.table === point.table && one.from <= last && one.to >= point.address,
      );
      if (hole) this.add([...here, 'address'], `${id} lies in the hole ${hole.from} to ${hole.to}`);
      if (registerCount(point) > binding.maxBlock) {
        this.add([...here, 'words'], `${id} takes ${registerCount(point)} registers, more than maxBlock`);
      }
      if (point.group !== undefined && !Object.hasOwn(binding.groups, point.group)) {
        this.add([...here, 'group'], `there is no poll group ${point.group}`);
      }
    }
    for (const [event, spec] of Object.entries(binding.events)) {
      const here = [...at, 'events', event];
      this.event(event, {}, here, here);
      if (!Object.hasOwn(binding.points, spec.property))
        this.add([...here, 'property'], `no point reads ${spec.property}`);
      for (const [field, property] of Object.entries(spec.fields)) {
        this.eventField(event, field, [...here, 'fields', field]);
        if (!Object.hasOwn(binding.points, property))
          this.add([...here, 'fields', field], `no point reads ${property}`);
      }
    }
    for (const [id, command] of Object.entries(binding.commands)) {
      const here = [...at, 'commands', id];
      const names = this.command(id, here);
      command.steps.forEach((step, index) => {
        for (const value of modbusStepValues(step)) {
          if (typeof value === 'object' && !names.includes(value.input)) {
            this.add([...here, 'steps', index], `the command ${id} has no input ${value.input}`);
          }
        }
      });
      for (const [field, register] of Object.entries(command.output))
        this.output(id, field, register, [...here, 'output', field]);
    }
  }

  serial(binding: SerialBinding, at: PropertyKey[]): void {
    const params = Object.keys(binding.params);
    for (const [name, frame] of Object.entries(binding.frames)) {
      const here = [...at, 'frames', name];
      frame.match.bytes.forEach((one, index) => {
        if (one.param !== undefined && !params.includes(one.param)) {
          this.add([...here, 'match', 'bytes', index, 'param'], `there is no param ${one.param}`);
        }
      });
      frame.acknowledge?.send.forEach((part, index) => {
        this.part(part, params, [], [...here, 'acknowledge', 'send', index]);
      });
      const groups = [...(frame.match.pattern ?? '').matchAll(/\(\?<([A-Za-z]\w*)>/g)].map((match) => match[1]);
      const group = (field: FrameField, path: PropertyKey[]) => {
        if (field.group !== undefined && !groups.includes(field.group)) {
          this.add([...path, 'group'], `the frame’s pattern has no group ${field.group}`);
        }
      };
      for (const [id, field] of Object.entries(frame.properties)) {
        this.reading(id, field, [...here, 'properties', id]);
        group(field, [...here, 'properties', id]);
      }
      for (const [event, fields] of Object.entries(frame.events)) {
        this.event(event, fields, [...here, 'events', event], [...here, 'events', event]);
        for (const [id, field] of Object.entries(fields)) group(field, [...here, 'events', event, id]);
      }
      for (const [id, field] of Object.entries(frame.output)) {
        group(field, [...here, 'output', id]);
        if (!this.profile.thing.commands.some((command) => command.output.some((one) => one.id === id))) {
          this.add([...here, 'output', id], `no command has an output ${id}`);
        }
      }
    }
    for (const [name, poll] of Object.entries(binding.polls))
      this.steps(binding, poll.steps, params, [], [...at, 'polls', name, 'steps']);
    for (const [id, command] of Object.entries(binding.commands)) {
      const names = this.command(id, [...at, 'commands', id]);
      this.steps(binding, command.steps, params, names, [...at, 'commands', id, 'steps']);
    }
    for (const [id, write] of Object.entries(binding.writes)) {
      this.writing(id, {}, [...at, 'writes', id]);
      this.steps(binding, write.steps, params, ['value'], [...at, 'writes', id, 'steps']);
    }
  }

  onvif(binding: OnvifBinding, at: PropertyKey[]): void {
    for (const [id, spec] of Object.entries(binding.properties)) {
      const here = [...at, 'properties', id];
      if ('fact' in spec && spec.write) {
        this.writing(id, spec, here);
        if (!onvifWritableFacts.includes(spec.fact)) this.add([...here, 'write'], `${spec.fact} cannot be set`);
      } else this.reading(id, spec, here);
    }
    for (const [event, spec] of Object.entries(binding.events)) {
      this.event(event, spec.fields, [...at, 'events', event], [...at, 'events', event, 'fields']);
    }
    for (const [id, command] of Object.entries(binding.commands)) {
      const here = [...at, 'commands', id];
      const inputs = this.command(id, here);
      for (const { path, message } of checkOnvifCommand(binding, command, inputs))
        this.add([...here, ...path], message);
    }
    const watches =
      Object.keys(binding.events).length > 0 || Object.values(binding.properties).some((spec) => !('fact' in spec));
    if (watches && !binding.capabilities.includes('events'))
      this.add([...at, 'capabilities'], 'notifications need the capability events');
  }

  alarms(): void {
    this.profile.alarms.forEach((alarm, index) => {
      const here = ['alarms', index];
      if (alarm.kind === 'event') {
        for (const key of ['event', 'clearBy'] as const) {
          const id = alarm[key];
          if (id !== undefined && !this.profile.thing.events.some((event) => event.id === id)) {
            this.add([...here, key], `the thing model has no event ${id}`);
          }
        }
      }
      if (alarm.kind !== 'threshold') return;
      const property = this.properties.get(alarm.property);
      if (!property) {
        this.add([...here, 'property'], `the thing model has no property ${alarm.property}`);
        return;
      }
      if (property.role === 'internal')
        this.add([...here, 'property'], `${property.id} is internal: the cloud, which raises alarms, never sees it`);
      const numeric = property.type === 'number' || property.type === 'integer';
      if (alarm.equals === undefined && !numeric)
        this.add([...here, 'property'], `${property.id} is no number: use equals`);
      if (alarm.equals !== undefined) this.literal(property, alarm.equals, [...here, 'equals']);
    });
    const version = this.profile.firmware?.versionProperty;
    if (version !== undefined && !this.properties.has(version)) {
      this.add(['firmware', 'versionProperty'], `the thing model has no property ${version}`);
    }
  }

  match(): void {
    for (const protocol of ['mqtt', 'modbus', 'serial', 'onvif'] as const) {
      if (this.profile.match?.[protocol].length && !this.profile.bindings?.[protocol]) {
        this.add(['match', protocol], `there is no binding for ${protocol}`);
      }
    }
  }

  private add(path: PropertyKey[], message: string): void {
    this.issues.push({ path, message });
  }

  private reading(id: string, transform: Transform, path: PropertyKey[]): void {
    const property = this.properties.get(id);
    if (!property) this.add(path, `the thing model has no property ${id}`);
    else this.map(property, transform, path);
  }

  private writing(id: string, transform: Transform, path: PropertyKey[]): void {
    const property = this.properties.get(id);
    if (!property) this.add(path, `the thing model has no property ${id}`);
    else if (property.access === 'r') this.add(path, `${id} is read-only in the thing model`);
    else this.map(property, transform, path);
  }

  private event(id: string, fields: Record<string, Transform>, path: PropertyKey[], fieldsPath: PropertyKey[]): void {
    const event = this.profile.thing.events.find((one) => one.id === id);
    if (!event) {
      this.add(path, `the thing model has no event ${id}`);
      return;
    }
    for (const [field, transform] of Object.entries(fields)) {
      const shape = event.fields.find((one) => one.id === field);
      if (!shape) this.add([...fieldsPath, field], `the event ${id} has no field ${field}`);
      else this.map(shape, transform, [...fieldsPath, field]);
    }
  }

  private eventField(event: string, field: string, path: PropertyKey[]): void {
    const model = this.profile.thing.events.find((one) => one.id === event);
    if (model && !model.fields.some((one) => one.id === field))
      this.add(path, `the event ${event} has no field ${field}`);
  }

  /** Names of the command's inputs that are always there, and so may stand in a template. */
  private command(id: string, path: PropertyKey[]): string[] {
    const command = this.profile.thing.commands.find((one) => one.id === id);
    if (!command) this.add(path, `the thing model has no command ${id}`);
    return (command?.input ?? []).map((field) => field.id);
  }

  private output(command: string, field: string, transform: Transform, path: PropertyKey[]): void {
    const shape = this.profile.thing.commands.find((one) => one.id === command)?.output.find((one) => one.id === field);
    if (!shape) this.add(path, `the command ${command} has no output ${field}`);
    else this.map(shape, transform, path);
  }

  private map(shape: ValueShape, transform: Transform, path: PropertyKey[]): void {
    for (const [raw, value] of Object.entries(transform.map ?? {})) this.literal(shape, value, [...path, 'map', raw]);
    if (shape.type === 'enum' && !transform.map) return;
    if (
      (transform.scale !== undefined || transform.offset !== undefined) &&
      shape.type !== 'number' &&
      shape.type !== 'integer'
    ) {
      this.add(path, `${shape.id} is no number and cannot be scaled`);
    }
  }

  private literal(shape: ValueShape, value: unknown, path: PropertyKey[]): void {
    const wanted = shape.type === 'enum' ? 'string' : shape.type === 'integer' ? 'number' : shape.type;
    if (typeof value !== wanted) this.add(path, `${String(value)} is no ${shape.type}, which ${shape.id} is`);
    else if (shape.type === 'enum' && !shape.values?.some((one) => one.id === value)) {
      this.add(path, `${shape.id} has no value ${String(value)}`);
    }
  }

  private steps(
    binding: SerialBinding,
    steps: readonly SerialStep[],
    params: string[],
    inputs: string[],
    at: PropertyKey[],
  ): void {
    for (const [index, step] of steps.entries()) {
      for (const [number, part] of step.send.entries()) this.part(part, params, inputs, [...at, index, 'send', number]);
      for (const [number, name] of step.expect.entries()) {
        if (!Object.hasOwn(binding.frames, name)) {
          this.add([...at, index, 'expect', number], `there is no frame ${name}`);
        }
      }
    }
  }

  private part(part: FramePart, params: string[], inputs: string[], at: PropertyKey[]): void {
    if (part.input !== undefined && !inputs.includes(part.input))
      this.add([...at, 'input'], `there is no input ${part.input}`);
    if (part.param !== undefined && !params.includes(part.param))
      this.add([...at, 'param'], `there is no param ${part.param}`);
    if (part.text !== undefined) this.templates(part.text, [...inputs, ...params], [...at, 'text']);
  }

  private publish({ payload, binary }: Publish, known: string[], at: PropertyKey[]): void {
    if (payload !== undefined) this.templates(payload, known, [...at, 'payload']);
    for (const [index, part] of (binary ?? []).entries()) {
      if ('text' in part) this.templates(part.text, known, [...at, 'binary', index, 'text']);
      else if ('input' in part && !known.includes(part.input))
        this.add([...at, 'binary', index, 'input'], `there is no input ${part.input}`);
    }
  }

  private templates(payload: unknown, known: string[], path: PropertyKey[]): void {
    const texts = typeof payload === 'string' ? [payload] : [JSON.stringify(payload)];
    for (const name of texts.flatMap((text) => placeholdersOf(text))) {
      if (!known.includes(name)) this.add(path, `{${name}} is not an input here`);
    }
  }
}

/** What a step writes or awaits. */
function modbusStepValues(step: ModbusStep) {
  if ('waitMs' in step) return [];
  return 'expect' in step ? [step.equals] : 'exchange' in step ? [step.value, step.equals] : [step.value];
}
