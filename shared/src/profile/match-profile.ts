import { isHubError } from '../errors/index.js';
import { matchFrame } from './codec/frame-decode.js';
import { decodeRegisters, type RegisterOrders } from './codec/registers.js';
import { fitsGlob, globWeight } from './glob.js';
import type { ModbusMatch, ModbusProbeRead, SerialMatch } from './match-schema.js';
import { type Profile, type ProfileId, profileId } from './profile-schema.js';
import { type ModbusTable, registerCount } from './register-schema.js';
import { compareVersions, inVersionRange } from './version-range.js';

/** Registers (or 0/1) read from a device while it was probed. */
export interface ProbedRegisters {
  table: ModbusTable;
  address: number;
  values: readonly number[];
}

/** What is known of a device that shall be matched. */
export type SeenIdentity =
  | { protocol: 'mqtt'; vendor: string; model: string; firmware?: string | undefined }
  | { protocol: 'onvif'; manufacturer: string; model: string; firmware?: string | undefined }
  | {
      protocol: 'modbus';
      deviceId?: Partial<Record<'vendorName' | 'productCode' | 'revision' | 'modelName', string>> | undefined;
      registers?: readonly ProbedRegisters[] | undefined;
    }
  | {
      protocol: 'serial';
      /** Frames that came back, each with the probe that it answers, as `serialProbes` listed them. */
      replies: readonly { profile: ProfileId; rule: number; frame: Uint8Array }[];
    };

export interface MatchCandidate {
  profile: Profile;
  id: ProfileId;
  /** Higher says more; only the order matters. */
  score: number;
  why: string;
}

export interface MatchResult {
  /** Undefined where nothing fits, or where two models fit equally well. */
  best?: MatchCandidate;
  /** All that fit, best first. */
  candidates: MatchCandidate[];
  why: string;
}

/** Finds the profile of a device. Of the same model in several versions the newest profile is taken. */
export function matchProfile(profiles: readonly Profile[], identity: SeenIdentity): MatchResult {
  const candidates = profiles
    .flatMap((profile) => {
      const found = matchOne(profile, identity);
      return found ? [{ profile, id: profileId(profile), ...found }] : [];
    })
    .sort(
      (a, b) => b.score - a.score || a.id.localeCompare(b.id) || compareVersions(b.profile.version, a.profile.version),
    );
  const [first] = candidates;
  if (!first) return { candidates, why: `no profile fits ${describe(identity)}` };
  const rival = candidates.find((one) => one.id !== first.id && one.score === first.score);
  if (rival) return { candidates, why: `${first.id} and ${rival.id} fit ${describe(identity)} equally well` };
  return { best: first, candidates, why: first.why };
}

function matchOne(profile: Profile, identity: SeenIdentity): { score: number; why: string } | undefined {
  switch (identity.protocol) {
    case 'mqtt':
      return best(
        profile.match.mqtt.map((rule) =>
          named([rule.vendor, identity.vendor], [rule.model, identity.model], rule.firmware, identity.firmware),
        ),
      );
    case 'onvif':
      return best(
        profile.match.onvif.map((rule) =>
          named(
            [rule.manufacturer, identity.manufacturer],
            [rule.model, identity.model],
            rule.firmware,
            identity.firmware,
          ),
        ),
      );
    case 'modbus':
      return best(profile.match.modbus.map((rule) => probed(rule, identity, profile.bindings.modbus)));
    case 'serial': {
      const id = profileId(profile);
      return best(
        identity.replies
          .filter((reply) => reply.profile === id)
          .map((reply) => answered(profile.match.serial[reply.rule], reply.frame, profile)),
      );
    }
  }
}

type Found = { score: number; why: string } | undefined;

function best(found: Found[]): Found {
  return found.reduce((top, one) => (one && (!top || one.score > top.score) ? one : top), undefined);
}

function named(
  vendor: readonly [string, string],
  model: readonly [string, string],
  range: string | undefined,
  firmware: string | undefined,
): Found {
  if (!fitsGlob(...vendor) || !fitsGlob(...model)) return undefined;
  if (range !== undefined && (firmware === undefined || !inVersionRange(firmware, range))) return undefined;
  // The model counts for more than the vendor, and both for more than a firmware range.
  const score = 10 * globWeight(model[0]) + globWeight(vendor[0]) + (range === undefined ? 0 : 5);
  const version = range === undefined ? '' : `, firmware ${firmware} in ${range}`;
  return { score, why: `vendor ${vendor[1]} fits ${vendor[0]}, model ${model[1]} fits ${model[0]}${version}` };
}

function probed(
  rule: ModbusMatch,
  identity: Extract<SeenIdentity, { protocol: 'modbus' }>,
  orders: RegisterOrders = {},
): Found {
  const reasons: string[] = [];
  let score = 0;
  for (const [key, pattern] of Object.entries(rule.deviceId ?? {})) {
    const value = identity.deviceId?.[key as 'vendorName'];
    if (value === undefined || !fitsGlob(pattern, value)) return undefined;
    score += 500 + globWeight(pattern);
    reasons.push(`${key} ${value} fits ${pattern}`);
  }
  for (const read of rule.reads) {
    const reason = checkProbeRead(read, identity.registers ?? [], orders);
    if (reason === undefined) return undefined;
    // A range says less than a value.
    score += read.between ? 40 : 100;
    reasons.push(reason);
  }
  return { score, why: reasons.join(', ') };
}

/** Why the read fits, or undefined where it does not or was not made. */
export function checkProbeRead(
  read: ModbusProbeRead,
  registers: readonly ProbedRegisters[],
  orders: RegisterOrders = {},
): string | undefined {
  const count = registerCount(read);
  const block = registers.find(
    (one) =>
      one.table === read.table &&
      one.address <= read.address &&
      one.address + one.values.length >= read.address + count,
  );
  if (!block) return undefined;
  try {
    const offset = read.address - block.address;
    const value = decodeRegisters(read, block.values.slice(offset, offset + count), orders);
    const text = String(value);
    const where = `${read.table} ${read.address} is ${text}`;
    if (read.equals !== undefined && text !== String(read.equals)) return undefined;
    if (read.oneOf && !read.oneOf.some((one) => String(one) === text)) return undefined;
    if (read.between && !(Number(value) >= read.between[0] && Number(value) <= read.between[1])) return undefined;
    if (read.pattern !== undefined && !new RegExp(read.pattern, 'u').test(text)) return undefined;
    return where;
  } catch (error) {
    // A float that is no number is simply not this device.
    if (isHubError(error, 'protocol_violation')) return undefined;
    throw error;
  }
}

function answered(rule: SerialMatch | undefined, frame: Uint8Array, profile: Profile): Found {
  if (!rule || !matchFrame(rule.expect, frame)) return undefined;
  return { score: serialRuleScore(rule, profile), why: 'the answer to the probe fits' };
}

/** How much an answer to the rule says: it is known before anybody answers, so that the most exact can be asked first. */
export function serialRuleScore(rule: SerialMatch, profile: Profile): number {
  const known = rule.expect.bytes.reduce((sum, one) => sum + (one.is ?? '').replace(/\s/g, '').length / 2, 0);
  const framed = profile.bindings.serial?.checksum ? 50 : 0;
  const pattern = rule.expect.pattern === undefined ? 0 : 10 * rule.expect.pattern.length;
  return 10 * known + pattern + framed + (rule.expect.size === undefined ? 0 : 10);
}

function describe(identity: SeenIdentity): string {
  switch (identity.protocol) {
    case 'mqtt':
      return `vendor ${identity.vendor}, model ${identity.model}, firmware ${identity.firmware ?? 'not stated'}`;
    case 'onvif':
      return `manufacturer ${identity.manufacturer}, model ${identity.model}, firmware ${identity.firmware ?? 'not stated'}`;
    case 'modbus':
      return `the Modbus answers (${identity.registers?.length ?? 0} reads)`;
    case 'serial':
      return `the serial answers (${identity.replies.length} frames)`;
  }
}
