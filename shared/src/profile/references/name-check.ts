import type { Property } from '../../thing/thing-model.js';
import type { ValueShape } from '../../thing/value-shape.js';
import { placeholdersOf } from '../codec/template.js';
import type { PathIssue } from '../path-issue.js';
import type { Profile } from '../profile-schema.js';
import type { Transform } from '../transform-schema.js';

/** Looks up names in a thing model and keeps what it finds wrong, in the order in which it was asked. */
export class NameCheck {
  readonly issues: PathIssue[] = [];
  readonly properties: ReadonlyMap<string, Property>;

  constructor(readonly profile: Pick<Profile, 'thing' | 'alarms'> & Partial<Profile>) {
    this.properties = new Map(profile.thing.properties.map((property) => [property.id, property]));
  }

  add(path: PropertyKey[], message: string): void {
    this.issues.push({ path, message });
  }

  reading(id: string, transform: Transform, path: PropertyKey[]): void {
    const property = this.properties.get(id);
    if (!property) this.add(path, `the thing model has no property ${id}`);
    else this.map(property, transform, path);
  }

  writing(id: string, transform: Transform, path: PropertyKey[]): void {
    const property = this.properties.get(id);
    if (!property) this.add(path, `the thing model has no property ${id}`);
    else if (property.access === 'r') this.add(path, `${id} is read-only in the thing model`);
    else this.map(property, transform, path);
  }

  event(id: string, fields: Record<string, Transform>, path: PropertyKey[], fieldsPath: PropertyKey[]): void {
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

  eventField(event: string, field: string, path: PropertyKey[]): void {
    const model = this.profile.thing.events.find((one) => one.id === event);
    if (model && !model.fields.some((one) => one.id === field))
      this.add(path, `the event ${event} has no field ${field}`);
  }

  /** Names of the command's inputs that are always there, and so may stand in a template. */
  command(id: string, path: PropertyKey[]): string[] {
    const command = this.profile.thing.commands.find((one) => one.id === id);
    if (!command) this.add(path, `the thing model has no command ${id}`);
    return (command?.input ?? []).map((field) => field.id);
  }

  output(command: string, field: string, transform: Transform, path: PropertyKey[]): void {
    const shape = this.profile.thing.commands.find((one) => one.id === command)?.output.find((one) => one.id === field);
    if (!shape) this.add(path, `the command ${command} has no output ${field}`);
    else this.map(shape, transform, path);
  }

  map(shape: ValueShape, transform: Transform, path: PropertyKey[]): void {
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

  literal(shape: ValueShape, value: unknown, path: PropertyKey[]): void {
    const wanted = shape.type === 'enum' ? 'string' : shape.type === 'integer' ? 'number' : shape.type;
    if (typeof value !== wanted) this.add(path, `${String(value)} is no ${shape.type}, which ${shape.id} is`);
    else if (shape.type === 'enum' && !shape.values?.some((one) => one.id === value)) {
      this.add(path, `${shape.id} has no value ${String(value)}`);
    }
  }

  templates(payload: unknown, known: readonly string[], path: PropertyKey[]): void {
    const texts = typeof payload === 'string' ? [payload] : [JSON.stringify(payload)];
    for (const name of texts.flatMap((text) => placeholdersOf(text))) {
      if (!known.includes(name)) this.add(path, `{${name}} is not an input here`);
    }
  }
}
