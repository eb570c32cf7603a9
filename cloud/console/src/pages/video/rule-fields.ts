import { type VisionAlgorithm, visionAlgorithms, visionRuleSchema } from '@hallhub/shared/vision';
import * as z from 'zod';

/** How one setting of a rule is asked for. Read out of the contract, so that a new one shows up by itself. */
export type RuleField =
  | {
      readonly name: string;
      readonly kind: 'number';
      readonly min: number;
      readonly max: number;
      readonly step: number;
    }
  /** Written in seconds, kept in milliseconds. */
  | { readonly name: string; readonly kind: 'duration'; readonly min: number; readonly max: number }
  | { readonly name: string; readonly kind: 'choice' | 'choices'; readonly options: readonly string[] }
  | { readonly name: string; readonly kind: 'time' | 'labels' | 'colours' };

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** Asked for elsewhere on the page, or by a control of their own. */
const apart: ReadonlySet<string> = new Set([
  ...['id', 'name', 'enabled', 'algorithm', 'severity', 'zone', 'line', 'times', 'facts', 'clip', 'facesClearBecause'],
]);

/** What the contract has for every algorithm and one of them never looks at. */
const unused: Partial<Record<VisionAlgorithm, readonly string[]>> = {
  line_count: ['forMs', 'coolDownMs'],
  line_cross: ['forMs'],
  dwell: ['coolDownMs'],
  hours_kept: ['forMs', 'coolDownMs'],
  tamper: ['minConfidence', 'minHeight'],
};

/** Told as flow only: nothing of it is a finding, so it has no severity, no clip and no faces. */
export const isFlowOnly = (algorithm: VisionAlgorithm): boolean => algorithm === 'line_count' || algorithm === 'dwell';

const schemas = new Map<VisionAlgorithm, JsonSchema>(
  visionRuleSchema.options.map((option) => [
    option.shape.algorithm.value,
    z.toJSONSchema(option, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
  ]),
);

const fieldOf = (name: string, schema: JsonSchema): RuleField | undefined => {
  const { type, enum: values, minimum = 0, maximum = 1_000 } = schema;
  if (values) return { name, kind: 'choice', options: values.map(String) };
  if (name.endsWith('Ms')) return { name, kind: 'duration', min: minimum, max: maximum };
  if (type === 'integer') return { name, kind: 'number', min: minimum, max: maximum, step: 1 };
  if (type === 'number') return { name, kind: 'number', min: minimum, max: maximum, step: maximum <= 1 ? 0.05 : 0.5 };
  if (type === 'string') return schema.pattern?.includes('[0-5]') ? { name, kind: 'time' } : undefined;
  if (type !== 'array') return undefined;
  if (schema.items?.enum) return { name, kind: 'choices', options: schema.items.enum.map(String) };
  return { name, kind: name === 'colours' ? 'colours' : 'labels' };
};

export interface RuleFields {
  /** What it is about: its own settings, and how long. */
  readonly first: readonly RuleField[];
  /** What mostly stays as it is. */
  readonly more: readonly RuleField[];
}

/** What one algorithm can be told, in the order of the contract. */
export const fieldsOf = (algorithm: VisionAlgorithm): RuleFields => {
  const common = schemas.get('tamper')?.properties ?? {};
  const fields = Object.entries(schemas.get(algorithm)?.properties ?? {}).flatMap(([name, schema]) => {
    const isAsked = !apart.has(name) && !unused[algorithm]?.includes(name);
    const field = isAsked ? fieldOf(name, schema) : undefined;
    return field ? [field] : [];
  });
  const isFirst = ({ name }: RuleField) =>
    name === 'forMs' ||
    name === 'kinds' ||
    (!Object.hasOwn(common, name) && (name !== 'labels' || isOfThings(algorithm)));
  const first = fields.filter(isFirst);
  const isLength = ({ name }: RuleField) => name === 'forMs';
  return {
    first: [...first.filter((field) => !isLength(field)), ...first.filter(isLength)],
    more: fields.filter((field) => !isFirst(field)),
  };
};

/** Which things is the question itself; everywhere else it is people, as a rule. */
const isOfThings = (algorithm: VisionAlgorithm): boolean =>
  algorithm === 'object_left' || algorithm === 'object_removed';

/** What is drawn on the picture for it, and whether it has to be. */
export const shapeOf = (
  algorithm: VisionAlgorithm,
): { readonly kind: 'zone' | 'line' | 'none'; readonly needed: boolean } => {
  const schema = schemas.get(algorithm);
  const kind = schema?.properties?.line ? 'line' : schema?.properties?.zone ? 'zone' : 'none';
  return { kind, needed: kind !== 'none' && (schema?.required?.includes(kind) ?? false) };
};

export { visionAlgorithms };
