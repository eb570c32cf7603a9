import type { Profile } from '@hallhub/shared/profile';
import type { DeviceView } from '../ports/index.js';

/** Start, length and command of any frame. */
const headBytes = 12;
/** Of a text no more than this: a card's number may begin at once. */
const plainBytes = 3;
const mask = 0x2a;

/** What is kept of a message that could not be understood: where a device tells about people, only its head. */
export const asidePayload = (device: DeviceView | undefined, payload: Uint8Array): Uint8Array => {
  const profile = device?.profile?.document;
  if (!profile || openIds(profile).isAll) return payload;
  return payload
    .subarray(0, headBytes)
    .map((byte, index) => (index >= plainBytes && isLetterOrDigit(byte) ? mask : byte));
};

/** The same for values and fields: those that may be about a person, or that nobody knows, are masked. */
export const asideValues = (
  device: DeviceView | undefined,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const profile = device?.profile?.document;
  const open = profile && openIds(profile);
  if (!open || open.isAll) return values;
  return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, open.ids.has(id) ? value : '***']));
};

interface OpenIds {
  /** Nothing of this model is about people. */
  readonly isAll: boolean;
  readonly ids: ReadonlySet<string>;
}

const known = new WeakMap<Profile, OpenIds>();

const openIds = (profile: Profile): OpenIds => {
  const before = known.get(profile);
  if (before) return before;
  const { properties, events, commands } = profile.thing;
  const parts = [...properties, ...events.flatMap(({ fields }) => fields), ...commands.flatMap(({ output }) => output)];
  const personal = new Set(parts.filter((part) => part.personal).map(({ id }) => id));
  const ids = new Set(parts.map(({ id }) => id).filter((id) => !personal.has(id)));
  const found = { isAll: personal.size === 0, ids };
  known.set(profile, found);
  return found;
};

/** Bytes above ASCII are those of other scripts, or of no text at all. */
const isLetterOrDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
