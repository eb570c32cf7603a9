import { checkOnvifCommand } from '../onvif-actions.js';
import { type OnvifBinding, onvifWritableFacts } from '../onvif-schema.js';
import type { NameCheck } from './name-check.js';

export function checkOnvifReferences(check: NameCheck, binding: OnvifBinding, at: PropertyKey[]): void {
  for (const [id, spec] of Object.entries(binding.properties)) {
    const here = [...at, 'properties', id];
    if ('fact' in spec && spec.write) {
      check.writing(id, spec, here);
      if (!onvifWritableFacts.includes(spec.fact)) check.add([...here, 'write'], `${spec.fact} cannot be set`);
    } else check.reading(id, spec, here);
  }
  for (const [event, spec] of Object.entries(binding.events)) {
    check.event(event, spec.fields, [...at, 'events', event], [...at, 'events', event, 'fields']);
  }
  for (const [id, command] of Object.entries(binding.commands)) {
    const here = [...at, 'commands', id];
    const inputs = check.command(id, here);
    for (const { path, message } of checkOnvifCommand(binding, command, inputs)) check.add([...here, ...path], message);
  }
  const watches =
    Object.keys(binding.events).length > 0 || Object.values(binding.properties).some((spec) => !('fact' in spec));
  if (watches && !binding.capabilities.includes('events'))
    check.add([...at, 'capabilities'], 'notifications need the capability events');
}
