import type { Label } from '@hallhub/shared';
import type { ThingValue } from '@hallhub/shared/thing';
import type { CommandState } from '@hallhub/shared/wire';
import { queryOptions } from '@tanstack/react-query';
import { listing } from './listing.js';
import { get, post, type Query } from './request.js';
import type { Time } from './time.js';

export interface Command {
  id: string;
  target: { deviceId: string | null; deviceName: string | null; unitId: string; unitName: string; unit: boolean };
  batchId: string | null;
  name: string;
  label: Label | string | null;
  input: Record<string, unknown> | null;
  state: CommandState;
  provisional: boolean;
  output: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
  issuedBy: { id: string; name: string } | null;
  issuedAt: Time;
  deadlineAt: Time;
  finishedAt: Time | null;
  cancelAskedAt: Time | null;
  steps: { state: CommandState; provisional: boolean; at: Time; source: 'cloud' | 'unit'; applied: boolean }[];
}

export const commandsQuery = (query: Query) => listing<Command>('commands', '/commands', query);

const finalStates: readonly CommandState[] = ['succeeded', 'failed', 'expired', 'cancelled', 'unknown'];

/** A provisional `unknown` may still be answered by the unit. */
export function isFinished(command: Pick<Command, 'state' | 'provisional'>): boolean {
  return finalStates.includes(command.state) && !command.provisional;
}

/** One command, followed until it is finished: live where the stream stands, asked again where it does not. */
export const commandQuery = (id: string) =>
  queryOptions<Command>({
    queryKey: ['commands', 'one', id],
    refetchInterval: (query) => (query.state.data && isFinished(query.state.data) ? false : 2_000),
    queryFn: ({ signal }) => get<Command>(`/commands/${id}`, { signal }),
  });

export interface CommandInput {
  name: string;
  input: Record<string, unknown>;
  deadlineMs?: number;
}

/** `intent` is made once per press of the button, so that a repeated request is one command. */
export const issueCommand = (deviceId: string, input: CommandInput, intent: string) =>
  post<Command>(`/devices/${deviceId}/commands`, input, { idempotencyKey: intent });
/** Writes properties of a device; the unit keeps the order, writes once and answers. */
export const writeProperties = (deviceId: string, values: Record<string, ThingValue>, intent: string) =>
  issueCommand(deviceId, { name: 'property.write', input: { values } }, intent);
export const cancelCommand = (id: string) => post<Command>(`/commands/${id}/cancel`);

export interface CommandBatch {
  id: string;
  name: string;
  label: Command['label'];
  input: Record<string, unknown>;
  issuedBy: { id: string | null; name: string };
  issuedAt: string;
  deadlineAt: string;
  cancelledAt: string | null;
  total: number;
  finished: number;
  states: Partial<Record<CommandState, number>>;
  skipped: {
    deviceId: string;
    deviceName: string | null;
    reason: 'not_found' | 'forbidden' | 'not_active' | 'unsupported' | 'invalid_input';
  }[];
}

export const batchQuery = (id: string) =>
  queryOptions<CommandBatch>({
    queryKey: ['commands', 'batch', id],
    refetchInterval: (query) =>
      query.state.data && query.state.data.finished === query.state.data.total ? false : 2_000,
    queryFn: ({ signal }) => get<CommandBatch>(`/command-batches/${id}`, { signal }),
  });
export const issueBatch = (deviceIds: readonly string[], input: CommandInput, intent: string) =>
  post<CommandBatch>('/command-batches', { ...input, targets: { deviceIds } }, { idempotencyKey: intent });
/** As many devices as one batch may name. */
export const mostInBatch = 1_000;
export const cancelBatch = (id: string) => post<CommandBatch>(`/command-batches/${id}/cancel`);
