import type { CliContext } from './cli-context.js';

/** Wraps a command's action: makes its context, then hands over what commander gives (arguments, options). */
export type Runner = <A extends unknown[]>(
  action: (context: CliContext, ...args: A) => Promise<void> | void,
) => (...args: A) => Promise<void>;
