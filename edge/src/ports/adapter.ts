import type { DeviceIdentity, DeviceProtocol, Value } from '@hallhub/shared/wire';
import type { z } from 'zod';
import type { AdapterHost } from './adapter-host.js';
import type { CameraTurning } from './camera-turning.js';
import type { DeviceView } from './device-registry.js';

/** What an adapter reads or reports of one device at one time. */
export interface Reading {
  readonly deviceId: string;
  /** Epoch ms by the unit's clock; left out: now. */
  readonly at?: number;
  /** By property id of the profile. Handed over: not to be changed afterwards. */
  readonly values: Readonly<Record<string, Value>>;
  /** Good is not said. */
  readonly quality?: Readonly<Record<string, 'uncertain' | 'bad'>>;
}

/** Something that answered on a bus. */
export interface FoundDevice {
  /** Stable for this device on this adapter; the core keys it with the adapter's id. */
  readonly address: string;
  /** As complete as the device tells. Without a serial of its own the adapter makes a stable one of the address. */
  readonly identity: DeviceIdentity;
  /** Profile that the adapter's probe proved or that edge.yaml pins (`vendor/model`); left out: the core matches by identity. */
  readonly profileId?: string;
  /** `certain`: a probe of the profile's identify section succeeded, or the profile is pinned. */
  readonly certainty: 'certain' | 'likely' | 'unknown';
  /** True where edge.yaml names this very device (a pinned profile): accepted whatever the join policy says. */
  readonly configured?: boolean;
  readonly detail?: string;
}

export interface ScanOptions {
  readonly signal: AbortSignal;
  /** Look beyond what is configured (all unit ids of a bus, all ports, the whole LAN). */
  readonly wide?: boolean;
}

export interface CommandRequest {
  /** UUIDv7; the same id is never given twice. */
  readonly commandId: string;
  readonly deviceId: string;
  /** Command id of the profile's thing model. */
  readonly command: string;
  /** Checked against the model, defaults filled in. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Aborts at the command's time-out and at shutdown: stop waiting, free the bus, throw the signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds until the signal aborts. */
  readonly remainingMs: number;
}

/** Where a camera's pictures come from, with what they are asked for. */
export interface CameraStream {
  /** `rtsp://…`, without name and password. */
  readonly uri: string;
  readonly userName?: string;
  readonly password?: string;
}

export type AdapterState = 'starting' | 'running' | 'waiting' | 'failed' | 'stopped';

export interface AdapterStatus {
  /** `waiting`: its link is down and it retries; `failed`: it stopped itself and needs a person. */
  readonly state: AdapterState;
  /** Epoch ms. */
  readonly since: number;
  readonly reason?: string;
}

/**
 * One link to devices (a bus, a port, a LAN, the broker). Errors are HubErrors: `link_lost`/`link_refused` (it retries by
 * itself), `protocol_violation` (frame counted and dropped), `device_refused` (the device said no), `timeout`,
 * `unsupported`, `configuration` (this adapter stops, its neighbours go on).
 */
export interface Adapter {
  /** Unique among adapters; the `id` of its entry in edge.yaml. */
  readonly id: string;
  readonly protocol: DeviceProtocol;
  /** Resolves once it runs, link up or not: an absent link is state `waiting`, not an error. Throws `configuration` only. */
  start(): Promise<void>;
  /** Ends within 3 s; frees every timer, socket and port. */
  stop(): Promise<void>;
  status(): AdapterStatus;
  /** Counts since the start, by camelCase name, for doctor and metrics: requests, timeouts, corrupt frames and the like. */
  counters?(): Readonly<Record<string, number>>;
  /**
   * The core calls this for each active device of this adapter: at start, when it was approved, and again when its profile,
   * identity or address changed. From here on the adapter polls or listens and reports presence evidence. Never throws for
   * a device that does not answer.
   */
  attach(device: DeviceView): void;
  /** Refused, retired or moved to another adapter: stop talking to it. */
  detach(deviceId: string): void;
  /** Looks now and yields what answers; registers nothing. Ends early when the signal aborts. */
  discover(options: ScanOptions): AsyncIterable<FoundDevice>;
  /** Of cameras; `sub` is the main stream where there is but one. Throws `unsupported`, `device_refused`, `link_*`, `timeout`. */
  stream?(deviceId: string, which: 'main' | 'sub', signal: AbortSignal): Promise<CameraStream>;
  /** Of cameras that are served here; whether it turns `offers` tells. Undefined: it is not served. */
  turning?(deviceId: string): CameraTurning | undefined;
  /** Runs once. Returns the output; throws when the device refused, timed out or the link broke. Never repeats by itself. */
  execute(request: CommandRequest): Promise<Record<string, unknown> | undefined>;
  /** Reads properties from the device now (not from memory). */
  read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading>;
  /** Writes checked values, reading back where the profile says so; throws `device_refused` when they did not take. */
  write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void>;
}

/** How the core makes adapters: `edge/src/adapters/index.ts` exports `adapterFactories: readonly AdapterFactory[]`. */
export interface AdapterFactory<Config = unknown> {
  readonly protocol: DeviceProtocol;
  /** Key in edge.yaml. Its value is a list (one adapter an entry) or one object (one adapter). */
  readonly section: string;
  /** Of one entry. The core checks it, says file and line where it fails, and starts the other adapters regardless. */
  readonly configSchema: z.ZodType<Config>;
  /** Must be unique among all adapters; for an entry without an `id` the section name. */
  idOf(config: Config): string;
  create(config: Config, host: AdapterHost): Adapter;
}

/** Keeps the config type inside while the list of factories forgets it. */
export const defineAdapter = <Config>(factory: AdapterFactory<Config>): AdapterFactory => factory as AdapterFactory;
