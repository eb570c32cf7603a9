import type { Profile } from './profile-schema.js';
import type { PathIssue } from './references.js';

/** Parts of a profile that nothing uses: values that no binding fills, frames nobody awaits, empty poll groups. */
export function findUnused(profile: Profile): PathIssue[] {
  const { mqtt, modbus, serial, onvif } = profile.bindings;
  const issues: PathIssue[] = [];
  const properties = new Set<string>();
  const events = new Set<string>();
  const commands = new Set<string>();
  const note = (set: Set<string>, record: Record<string, unknown> | undefined) => {
    for (const id of Object.keys(record ?? {})) set.add(id);
  };
  if (mqtt && !mqtt.native) {
    for (const message of mqtt.messages) {
      note(properties, message.properties);
      note(events, message.events);
    }
    note(commands, mqtt.commands);
    note(properties, mqtt.writes);
  }
  for (const frame of Object.values(serial?.frames ?? {})) {
    note(properties, frame.properties);
    note(events, frame.events);
  }
  note(properties, serial?.writes);
  note(commands, serial?.commands);
  note(properties, modbus?.points);
  note(events, modbus?.events);
  note(commands, modbus?.commands);
  note(properties, onvif?.properties);
  note(events, onvif?.events);
  note(commands, onvif?.commands);
  // A native device fills the whole model by itself.
  if (!mqtt?.native) {
    const lists = [
      ['properties', 'property', properties],
      ['events', 'event', events],
      ['commands', 'command', commands],
    ] as const;
    for (const [key, word, bound] of lists) {
      profile.thing[key].forEach(({ id }, index) => {
        if (!bound.has(id)) issues.push({ path: ['thing', key, index], message: `no binding fills the ${word} ${id}` });
      });
    }
    issues.push(...unwritable(profile));
  }
  issues.push(...unusedFrames(profile), ...unusedGroups(profile));
  return issues;
}

function unwritable(profile: Profile): PathIssue[] {
  const { mqtt, modbus, serial, onvif } = profile.bindings;
  const written = new Set([
    ...Object.keys(mqtt && !mqtt.native ? mqtt.writes : {}),
    ...Object.keys(serial?.writes ?? {}),
    ...Object.entries(modbus?.points ?? {}).flatMap(([id, point]) => (point.write ? [id] : [])),
    ...Object.entries(onvif?.properties ?? {}).flatMap(([id, spec]) => ('fact' in spec && spec.write ? [id] : [])),
  ]);
  return profile.thing.properties.flatMap((property, index) =>
    property.access !== 'r' && !written.has(property.id)
      ? [{ path: ['thing', 'properties', index, 'access'], message: `no binding writes ${property.id}` }]
      : [],
  );
}

function unusedFrames(profile: Profile): PathIssue[] {
  const serial = profile.bindings.serial;
  if (!serial) return [];
  const steps = [serial.polls, serial.commands, serial.writes].flatMap((group) =>
    Object.values(group).flatMap((one) => one.steps),
  );
  const awaited = new Set(steps.flatMap((step) => step.expect));
  const params = new Set(
    [...steps.flatMap((step) => step.send), ...profile.match.serial.flatMap((rule) => rule.send)].flatMap((part) => [
      ...(part.param === undefined ? [] : [part.param]),
      ...Object.keys(serial.params).filter((name) => part.text?.includes(`{${name}`)),
    ]),
  );
  for (const match of [...Object.values(serial.frames), ...profile.match.serial].map((one) =>
    'match' in one ? one.match : one.expect,
  )) {
    for (const { param } of match.bytes) if (param !== undefined) params.add(param);
  }
  const frames = Object.entries(serial.frames).flatMap(([name, frame]) => {
    const says = Object.keys(frame.properties).length + Object.keys(frame.events).length > 0;
    const used = awaited.has(name) || (says && !frame.answerOnly);
    return used
      ? []
      : [
          {
            path: ['bindings', 'serial', 'frames', name],
            message: `no step awaits the frame ${name} and it says nothing`,
          },
        ];
  });
  const unset = Object.keys(serial.params).filter((name) => !params.has(name));
  return [
    ...frames,
    ...unset.map((name) => ({
      path: ['bindings', 'serial', 'params', name],
      message: `nothing uses the param ${name}`,
    })),
  ];
}

function unusedGroups(profile: Profile): PathIssue[] {
  const modbus = profile.bindings.modbus;
  const used = new Set(Object.values(modbus?.points ?? {}).map((point) => point.group));
  return Object.keys(modbus?.groups ?? {})
    .filter((group) => !used.has(group))
    .map((group) => ({
      path: ['bindings', 'modbus', 'groups', group],
      message: `no point is in the poll group ${group}`,
    }));
}
