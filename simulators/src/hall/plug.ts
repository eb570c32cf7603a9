import { type Clock, systemClock, type Timer } from '@hallhub/shared';
import {
  type FaultKind,
  type Faults,
  faultKinds,
  faultSettings,
  isPictureFault,
  type PictureFaultKind,
  pictureFaultKinds,
} from '../faults/faults.js';

/** One simulated device as somebody in the hall gets hold of it: to pull its plug, or to let it fail. */
export interface Plug extends Disposable {
  readonly name: string;
  readonly profile: string;
  readonly kind: 'modbus' | 'serial' | 'mqtt' | 'onvif';
  readonly fault: FaultKind | PictureFaultKind;
  /** What it can be made to do. */
  readonly kinds: readonly (FaultKind | PictureFaultKind)[];
  set(fault: FaultKind | PictureFaultKind): void;
}

export interface PlugOptions extends Pick<Plug, 'name' | 'profile' | 'kind'> {
  readonly faults?: Faults;
  /** How it fails, where that is more than what its answers are. */
  readonly fail?: (fault: FaultKind) => void;
  /** Pulls the plug; left out: the device falls silent, as on a line that others go on using. */
  readonly unplug?: () => void;
  readonly plugIn?: () => void;
  /** Of a camera: what becomes of its pictures. */
  readonly failPictures?: (fault: PictureFaultKind | 'none') => void;
  readonly clock?: Clock;
}

const flapEveryMs = 6_000;

export const createPlug = (options: PlugOptions): Plug => {
  const { faults, failPictures, clock = systemClock } = options;
  const fail = options.fail ?? ((kind: FaultKind) => faults?.set(faultSettings(kind)));
  let fault: FaultKind | PictureFaultKind = 'none';
  let isIn = true;
  let flapping: Timer | undefined;

  const put = (wanted: boolean) => {
    if (wanted === isIn) return;
    isIn = wanted;
    if (options.unplug && options.plugIn) (wanted ? options.plugIn : options.unplug)();
    else fail(wanted ? 'none' : 'silent');
  };
  const flap = () => {
    put(!isIn);
    flapping = clock.setTimeout(flap, flapEveryMs);
  };
  return {
    name: options.name,
    profile: options.profile,
    kind: options.kind,
    get fault() {
      return fault;
    },
    kinds: failPictures ? [...faultKinds, ...pictureFaultKinds] : faultKinds,
    set(told) {
      flapping?.cancel();
      if (isPictureFault(fault) || isPictureFault(told)) failPictures?.(isPictureFault(told) ? told : 'none');
      fault = told;
      // Whose pictures fail answers well.
      const wanted = isPictureFault(told) ? 'none' : told;
      put(wanted !== 'unplug' && wanted !== 'flap');
      if (isIn) fail(wanted);
      if (wanted === 'flap') flapping = clock.setTimeout(flap, flapEveryMs);
    },
    [Symbol.dispose]: () => flapping?.cancel(),
  };
};
