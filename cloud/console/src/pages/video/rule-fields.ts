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

/** What one algorithm can be told, in the order of the contract; what is its own comes first. */
export const fieldsOf = (algorithm: VisionAlgorithm): readonly RuleField[] => {
  const common = schemas.get('tamper')?.properties ?? {};
  const fields = Object.entries(schemas.get(algorithm)?.properties ?? {}).flatMap(([name, schema]) => {
    const field = apart.has(name) ? undefined : fieldOf(name, schema);
    return field ? [field] : [];
  });
  const isOwn = ({ name }: RuleField) => !Object.hasOwn(common, name) || name === 'kinds';
  return [...fields.filter(isOwn), ...fields.filter((field) => !isOwn(field))];
};

/** What is drawn on the picture for it, and whether it has to be. */
export const shapeOf = (
  algorithm: VisionAlgorithm,
): { readonly kind: 'zone' | 'line' | 'none'; readonly needed: boolean } => {
  const schema = schemas.get(algorithm);
  const kind = schema?.properties?.line ? 'line' : schema?.properties?.zone ? 'zone' : 'none';
  return { kind, needed: kind !== 'none' && (schema?.required?.includes(kind) ?? false) };
};

export { visionAlgorithms };
