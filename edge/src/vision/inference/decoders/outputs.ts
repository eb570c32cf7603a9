import { HubError } from '@hallhub/shared';

export interface OutputNumbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** What a model gave, by the names of its outputs. */
export type Outputs = Readonly<Record<string, OutputNumbers>>;

/** Shapes of outputs as the model file states them; a size that is only known at run time is undefined. */
export type OutputShapes = Readonly<Record<string, readonly (number | undefined)[]>>;

export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** One output, its last two sizes being `rows` and `columns`. */
export const tableOf = (outputs: Outputs, name: string): { data: Float32Array; rows: number; columns: number } => {
  const output = outputs[name];
  if (!output) throw new HubError('configuration', `the model has no output ${name}`);
  const [columns = 1, rows = 1] = [...output.shape].reverse();
  return { data: output.data, rows, columns };
};

export const mismatch = (what: string): never => {
  throw new HubError('configuration', `the model’s outputs do not fit its card: ${what}`);
};

export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
