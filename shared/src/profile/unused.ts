import { readFeel } from '../feel/index.js';
import type { PathIssue } from './path-issue.js';
import type { Bindings, Profile } from './profile-schema.js';

/** Parts of a profile that nothing uses: values that no binding fills, frames nobody awaits, empty poll groups. */
export function findUnused(profile: Profile): PathIssue[] {
  const { mqtt, modbus, serial, onvif } = profile.bindings;
  const issues: PathIssue[] = unreadInternals(profile);
  const properties = boundProperties(profile.bindings);
  for (const id of Object.keys(profile.derived ?? {})) properties.add(id);
  const messages = mqtt && !mqtt.native ? mqtt.messages : [];
  const frames = Object.values(serial?.frames ?? {});
  const events = namesOf(...messages.map((one) => one.events), ...frames.map((one) => one.events));
  for (const id of namesOf(modbus?.events, onvif?.events)) events.add(id);
  const commands = namesOf(
    mqtt && !mqtt.native ? mqtt.commands : undefined,
    serial?.commands,
    modbus?.commands,
    onvif?.commands,
  );
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

/** Ids of the properties that some binding reads or writes. */
export function boundProperties({ mqtt, modbus, serial, onvif }: Bindings): Set<string> {
  return namesOf(
    ...(mqtt && !mqtt.native ? [...mqtt.messages.map((one) => one.properties), mqtt.writes] : []),
    ...Object.values(serial?.frames ?? {}).map((one) => one.properties),
    serial?.writes,
    modbus?.points,
    onvif?.properties,
  );
}

function namesOf(...records: readonly (Record<string, unknown> | undefined)[]): Set<string> {
  return new Set(records.flatMap((record) => Object.keys(record ?? {})));
}

/** An internal value is there to compute others with, or to raise an event. */
function unreadInternals(profile: Profile): PathIssue[] {
  const names = new Set(profile.thing.properties.map(({ id }) => id));
  const used = new Set(
    Object.values(profile.derived ?? {}).flatMap(({ feel }) => {
      const read = readFeel(feel, names);
      return read.ok ? read.inputs : [];
    }),
  );
  for (const event of Object.values(profile.bindings.modbus?.events ?? {})) {
    for (const id of [event.property, ...Object.values(event.fields)]) used.add(id);
  }
  if (profile.firmware?.versionProperty) used.add(profile.firmware.versionProperty);
  return profile.thing.properties.flatMap(({ id, role }, index) =>
    role === 'internal' && !used.has(id)
      ? [{ path: ['thing', 'properties', index], message: `${id} is internal and nothing is derived from it` }]
      : [],
  );
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
