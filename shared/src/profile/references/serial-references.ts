import type { FrameField, FramePart, SerialBinding, SerialStep } from '../serial-schema.js';
import type { NameCheck } from './name-check.js';

/** What may stand in what is sent. */
interface KnownNames {
  readonly params: readonly string[];
  readonly inputs: readonly string[];
}
interface StepsOf {
  readonly binding: SerialBinding;
  readonly steps: readonly SerialStep[];
}

export function checkSerialReferences(check: NameCheck, binding: SerialBinding, at: PropertyKey[]): void {
  const params = Object.keys(binding.params);
  for (const [name, frame] of Object.entries(binding.frames)) {
    const here = [...at, 'frames', name];
    frame.match.bytes.forEach((one, index) => {
      if (one.param !== undefined && !params.includes(one.param)) {
        check.add([...here, 'match', 'bytes', index, 'param'], `there is no param ${one.param}`);
      }
    });
    frame.acknowledge?.send.forEach((part, index) => {
      checkPart(check, part, { params, inputs: [] }, [...here, 'acknowledge', 'send', index]);
    });
    const groups = [...(frame.match.pattern ?? '').matchAll(/\(\?<([A-Za-z]\w*)>/g)].map((match) => match[1]);
    const group = (field: FrameField, path: PropertyKey[]) => {
      if (field.group !== undefined && !groups.includes(field.group)) {
        check.add([...path, 'group'], `the frame’s pattern has no group ${field.group}`);
      }
    };
    for (const [id, field] of Object.entries(frame.properties)) {
      check.reading(id, field, [...here, 'properties', id]);
      group(field, [...here, 'properties', id]);
    }
    for (const [event, fields] of Object.entries(frame.events)) {
      check.event(event, fields, [...here, 'events', event], [...here, 'events', event]);
      for (const [id, field] of Object.entries(fields)) group(field, [...here, 'events', event, id]);
    }
    for (const [id, field] of Object.entries(frame.output)) {
      group(field, [...here, 'output', id]);
      if (!check.profile.thing.commands.some((command) => command.output.some((one) => one.id === id))) {
        check.add([...here, 'output', id], `no command has an output ${id}`);
      }
    }
  }
  for (const [name, poll] of Object.entries(binding.polls))
    checkSteps(check, { binding, steps: poll.steps }, { params, inputs: [] }, [...at, 'polls', name, 'steps']);
  for (const [id, command] of Object.entries(binding.commands)) {
    const names = check.command(id, [...at, 'commands', id]);
    checkSteps(check, { binding, steps: command.steps }, { params, inputs: names }, [...at, 'commands', id, 'steps']);
  }
  for (const [id, write] of Object.entries(binding.writes)) {
    check.writing(id, {}, [...at, 'writes', id]);
    checkSteps(check, { binding, steps: write.steps }, { params, inputs: ['value'] }, [...at, 'writes', id, 'steps']);
  }
}

function checkSteps(
  check: NameCheck,
  { binding, steps }: StepsOf,
  { params, inputs }: KnownNames,
  at: PropertyKey[],
): void {
  for (const [index, step] of steps.entries()) {
    for (const [number, part] of step.send.entries())
      checkPart(check, part, { params, inputs }, [...at, index, 'send', number]);
    for (const [number, name] of step.expect.entries()) {
      if (!Object.hasOwn(binding.frames, name)) {
        check.add([...at, index, 'expect', number], `there is no frame ${name}`);
      }
    }
  }
}

function checkPart(check: NameCheck, part: FramePart, { params, inputs }: KnownNames, at: PropertyKey[]): void {
  if (part.input !== undefined && !inputs.includes(part.input))
    check.add([...at, 'input'], `there is no input ${part.input}`);
  if (part.param !== undefined && !params.includes(part.param))
    check.add([...at, 'param'], `there is no param ${part.param}`);
  if (part.text !== undefined) check.templates(part.text, [...inputs, ...params], [...at, 'text']);
}
