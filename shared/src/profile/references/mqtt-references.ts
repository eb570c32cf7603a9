import { commandNames, type MqttMapped, type Publish } from '../mqtt-schema.js';
import type { NameCheck } from './name-check.js';

export function checkMqttReferences(check: NameCheck, binding: MqttMapped, at: PropertyKey[]): void {
  binding.messages.forEach((message, index) => {
    const here = [...at, 'messages', index];
    for (const [id, pick] of Object.entries(message.properties)) check.reading(id, pick, [...here, 'properties', id]);
    for (const [event, spec] of Object.entries(message.events)) {
      check.event(event, spec.fields, [...here, 'events', event], [...here, 'events', event, 'fields']);
      if (spec.changed !== undefined && !Object.hasOwn(message.properties, spec.changed))
        check.add([...here, 'events', event, 'changed'], `the message gives no property ${spec.changed}`);
    }
  });
  for (const [id, command] of Object.entries(binding.commands)) {
    const here = [...at, 'commands', id];
    const names = check.command(id, here);
    command.publish.forEach((publish, index) => {
      checkPublish(check, publish, [...names, 'device', ...commandNames], [...here, 'publish', index]);
      check.templates(publish.topic, ['device'], [...here, 'publish', index, 'topic']);
    });
    for (const [field, pick] of Object.entries(command.reply?.output ?? {})) {
      check.output(id, field, pick, [...here, 'reply', 'output', field]);
    }
  }
  for (const [id, write] of Object.entries(binding.writes)) {
    check.writing(id, write, [...at, 'writes', id]);
    write.publish.forEach((publish, index) => {
      checkPublish(check, publish, ['value', 'device', ...commandNames], [...at, 'writes', id, 'publish', index]);
      check.templates(publish.topic, ['device'], [...at, 'writes', id, 'publish', index, 'topic']);
    });
  }
}

function checkPublish(
  check: NameCheck,
  { payload, binary }: Publish,
  known: readonly string[],
  at: PropertyKey[],
): void {
  if (payload !== undefined) check.templates(payload, known, [...at, 'payload']);
  for (const [index, part] of (binary ?? []).entries()) {
    if ('text' in part) check.templates(part.text, known, [...at, 'binary', index, 'text']);
    else if ('input' in part && !known.includes(part.input))
      check.add([...at, 'binary', index, 'input'], `there is no input ${part.input}`);
  }
}
