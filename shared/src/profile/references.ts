import type { Template } from './compose/template-schema.js';
import { findDerivedIssues } from './derived-references.js';
import type { PathIssue } from './path-issue.js';
import type { Profile } from './profile-schema.js';
import { checkModbusReferences } from './references/modbus-references.js';
import { checkMqttReferences } from './references/mqtt-references.js';
import { NameCheck } from './references/name-check.js';
import { checkOnvifReferences } from './references/onvif-references.js';
import { checkSerialReferences } from './references/serial-references.js';

/** Every name in bindings, alarms and firmware that points to nothing, and every map that makes an unknown value. */
export function findReferenceIssues(profile: Profile): PathIssue[] {
  const check = new NameCheck(profile);
  const { mqtt, modbus, serial, onvif } = profile.bindings;
  if (mqtt && !mqtt.native) checkMqttReferences(check, mqtt, ['bindings', 'mqtt']);
  if (modbus) checkModbusReferences(check, modbus, ['bindings', 'modbus']);
  if (serial) checkSerialReferences(check, serial, ['bindings', 'serial']);
  if (onvif) checkOnvifReferences(check, onvif, ['bindings', 'onvif']);
  checkAlarms(check);
  checkMatch(check);
  return [...check.issues, ...findDerivedIssues(profile)];
}

/** The same for a template, which has no bindings. */
export function findTemplateIssues(template: Pick<Template, 'thing' | 'alarms'>): PathIssue[] {
  const check = new NameCheck(template);
  checkAlarms(check);
  return check.issues;
}

function checkAlarms(check: NameCheck): void {
  check.profile.alarms.forEach((alarm, index) => {
    const here = ['alarms', index];
    if (alarm.kind === 'event') {
      for (const key of ['event', 'clearBy'] as const) {
        const id = alarm[key];
        if (id !== undefined && !check.profile.thing.events.some((event) => event.id === id)) {
          check.add([...here, key], `the thing model has no event ${id}`);
        }
      }
    }
    if (alarm.kind !== 'threshold') return;
    const property = check.properties.get(alarm.property);
    if (!property) {
      check.add([...here, 'property'], `the thing model has no property ${alarm.property}`);
      return;
    }
    if (property.role === 'internal')
      check.add([...here, 'property'], `${property.id} is internal: the cloud, which raises alarms, never sees it`);
    const numeric = property.type === 'number' || property.type === 'integer';
    if (alarm.equals === undefined && !numeric)
      check.add([...here, 'property'], `${property.id} is no number: use equals`);
    if (alarm.equals !== undefined) check.literal(property, alarm.equals, [...here, 'equals']);
  });
  const version = check.profile.firmware?.versionProperty;
  if (version !== undefined && !check.properties.has(version)) {
    check.add(['firmware', 'versionProperty'], `the thing model has no property ${version}`);
  }
}

function checkMatch(check: NameCheck): void {
  for (const protocol of ['mqtt', 'modbus', 'serial', 'onvif'] as const) {
    if (check.profile.match?.[protocol].length && !check.profile.bindings?.[protocol]) {
      check.add(['match', protocol], `there is no binding for ${protocol}`);
    }
  }
}
