import { createHash } from 'node:crypto';
import type { Decoded, OnvifBinding } from '@hallhub/shared/profile';
import type { CameraNotification } from '../services/pull-point.js';

const maxSubjects = 1_000;

/** Which events of a notification are new. Cameras repeat a state while it lasts, and tell it at subscribing. */
export class EventFilter {
  readonly #last = new Map<string, string>();

  constructor(private readonly binding: OnvifBinding) {}

  newEvents(notification: CameraNotification, decoded: Decoded): Decoded['events'] {
    const { subject, items, operation } = notification;
    // As a digest: what a camera says may be long, and there may be many that say it.
    const state = createHash('sha256').update(JSON.stringify(items)).digest('base64');
    const isRepeated = this.#last.get(subject) === state;
    if (this.#last.size >= maxSubjects && !this.#last.has(subject)) this.#last.clear();
    this.#last.set(subject, state);
    // The state told at subscribing makes values, but no events: nothing happened just now.
    if (operation === 'Initialized') return [];
    if (!isRepeated) return decoded.events;
    return decoded.events.filter(({ event }) => this.binding.events[event]?.when === undefined);
  }
}
