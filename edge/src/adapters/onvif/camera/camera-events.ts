import { Backoff, type HubError, toHubError } from '@hallhub/shared';
import { decodeOnvifNotification, type OnvifBinding } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost, DeviceView, LoadedProfile } from '../../../ports/index.js';
import type { Camera } from '../services/camera.js';
import { type CameraNotification, pullNotifications } from '../services/pull-point.js';
import type { CameraCounters } from './camera-counters.js';
import { EventFilter } from './event-filter.js';
import type { LoopRests } from './loop-rests.js';

export interface EventWatch {
  readonly camera: Camera;
  readonly view: DeviceView & { readonly profile: LoadedProfile };
  readonly binding: OnvifBinding;
  readonly host: AdapterHost;
  readonly counters: CameraCounters;
  readonly signal: AbortSignal;
  /** Throws where it is another camera. */
  readonly identify: (signal: AbortSignal) => Promise<void>;
  readonly report: (values: Readonly<Record<string, Value>>) => void;
  /** The camera answered for the subscription. */
  readonly onAlive: () => void;
  readonly onLost: (error: HubError) => void;
  readonly rests: LoopRests;
}

/** Keeps a subscription until the signal aborts, making it anew whenever it is lost. Ends early where the camera has no events. */
export const watchEvents = async (watch: EventWatch): Promise<void> => {
  const { camera, signal, counters } = watch;
  const backoff = new Backoff({ firstMs: 500, maxMs: 60_000 });
  const filter = new EventFilter(watch.binding);
  let hadSubscription = false;
  while (!signal.aborted) {
    let hurried: Disposable | undefined;
    try {
      await watch.identify(signal);
      await pullNotifications(camera, {
        signal,
        onSubscribed: (check) => {
          hadSubscription = true;
          hurried = watch.rests.instead('events', check);
          backoff.reset();
        },
        onAlive: watch.onAlive,
        onNotification: (notification) => tell(watch, filter, notification),
      });
    } catch (caught) {
      if (signal.aborted) return;
      const error = toHubError(caught);
      counters.subscriptionsLost++;
      // A camera that had events may refuse them in any words while it starts.
      if (error.code === 'unsupported' && !hadSubscription) return;
      hurried?.[Symbol.dispose]();
      watch.onLost(error);
      await watch.rests.rest('events', backoff.nextMs(), signal);
    } finally {
      hurried?.[Symbol.dispose]();
    }
  }
};

const tell = (watch: EventWatch, filter: EventFilter, notification: CameraNotification): void => {
  const { host, counters, binding, view } = watch;
  counters.notifications++;
  const decoded = decodeOnvifNotification(binding, view.profile.document.thing, notification);
  if (!decoded) {
    counters.unmappedNotifications++;
    return;
  }
  watch.report(decoded.values);
  const { deviceId } = view;
  const at = notification.deviceAt === undefined ? {} : { deviceAt: notification.deviceAt };
  for (const { event, data } of filter.newEvents(notification, decoded)) {
    host
      .event({ deviceId, event, data, ...at })
      .catch((error) => host.logger.warn({ err: error, deviceId }, 'an event was not stored'));
  }
};
