import type { DecodedFrame, Profile } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost, DeviceView } from '../../ports/index.js';
import type { SerialCounters } from './serial-counters.js';

/** Start, length and command of any frame, and nothing of what follows. */
const maxPersonalBytes = 12;

/** Tells the core what a frame of a device said, and puts aside what cannot be understood. */
export class FrameReport {
  readonly #isPersonal: boolean;
  readonly #profile: Profile;

  constructor(
    private readonly view: DeviceView & { readonly profile: NonNullable<DeviceView['profile']> },
    private readonly host: AdapterHost,
    private readonly counters: SerialCounters,
  ) {
    this.#profile = view.profile.document;
    const { properties, events } = this.#profile.thing;
    this.#isPersonal = [...properties, ...events.flatMap((event) => event.fields)].some((one) => one.personal);
  }

  tell(decoded: DecodedFrame, frame: Uint8Array): void {
    const { deviceId } = this.view;
    const failed = (error: unknown) => this.host.logger.warn({ err: error, deviceId }, 'a reading was not stored');
    const quality: Record<string, 'bad'> = {};
    const values: Record<string, Value> = { ...decoded.values };
    if (decoded.problems.length > 0) {
      this.counters.badValues += decoded.problems.length;
      const reason = decoded.problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
      this.aside(reason, frame);
      for (const { path } of decoded.problems) {
        if (!this.#profile.thing.properties.some((property) => property.id === path)) continue;
        values[path] = null;
        quality[path] = 'bad';
      }
    }
    if (Object.keys(values).length > 0) {
      this.host.reading({ deviceId, values, ...(Object.keys(quality).length > 0 ? { quality } : {}) }).catch(failed);
    }
    for (const { event, data } of decoded.events) this.host.event({ deviceId, event, data }).catch(failed);
  }

  /** Where frames can carry data about a person, only their head is kept. */
  aside(reason: string, bytes: Uint8Array): void {
    const { deviceId, address: source } = this.view;
    const payload = this.#isPersonal ? bytes.subarray(0, maxPersonalBytes) : bytes;
    this.host.aside({ deviceId, source, reason, payload });
  }
}
