import { HubError, isHubError } from '@hallhub/shared';
import type { OnvifAction, OnvifBinding } from '@hallhub/shared/profile';
import type { CameraTurning, LastTold, Place, PresetPlace, TurningOffers } from '../../../ports/index.js';
import { focusMove, focusStop } from '../services/imaging-service.js';
import {
  auxiliary,
  auxiliaryCommands,
  continuousMove,
  gotoPreset,
  presets,
  ptzStatus,
  removePreset,
  setPreset,
  stopMoving,
} from '../services/ptz-service.js';
import type { CameraMedia } from './camera-media.js';

const nothing: TurningOffers = {
  ...{ move: false, presets: false, save: false, remove: false, focus: false, auxiliaries: [] },
};

/** One camera as whoever turns it sees it: what its profile binds, and what the camera has of that. */
export class OnvifTurning implements CameraTurning {
  readonly #media: CameraMedia;
  readonly #binding: OnvifBinding;
  #offers: TurningOffers | undefined;

  constructor(media: CameraMedia, binding: OnvifBinding) {
    this.#media = media;
    this.#binding = binding;
  }

  get lastTold(): LastTold | undefined {
    return this.#media.lastTold;
  }

  async offers(signal: AbortSignal): Promise<TurningOffers> {
    this.#offers ??= await this.#look(signal);
    return this.#offers;
  }

  async place(signal: AbortSignal): Promise<Place & { readonly isMoving: boolean | undefined }> {
    return ptzStatus(this.#media.camera, await this.#profile(signal), signal);
  }

  async presets(signal: AbortSignal): Promise<readonly PresetPlace[]> {
    return presets(this.#media.camera, await this.#profile(signal), signal);
  }

  async move(velocity: Place, forMs: number, signal: AbortSignal): Promise<void> {
    this.#media.noteTold(undefined);
    await continuousMove(this.#media.camera, await this.#profile(signal), { velocity, timeoutMs: forMs, signal });
  }

  async stop(signal: AbortSignal): Promise<void> {
    await stopMoving(this.#media.camera, await this.#profile(signal), signal);
  }

  async goTo(preset: string, signal: AbortSignal): Promise<void> {
    this.#media.noteTold(preset);
    await gotoPreset(this.#media.camera, await this.#profile(signal), { preset, speed: undefined, signal });
  }

  async save(
    as: { readonly preset?: string | undefined; readonly name?: string | undefined },
    signal: AbortSignal,
  ): Promise<string> {
    const { preset, name } = as;
    const profile = await this.#profile(signal);
    // Without a name in it some cameras take the old name away.
    const before = preset === undefined || name !== undefined ? undefined : await this.presets(signal);
    const kept = before?.find(({ token }) => token === preset)?.name;
    return setPreset(this.#media.camera, profile, { name: name ?? kept, preset, signal });
  }

  async remove(preset: string, signal: AbortSignal): Promise<void> {
    await removePreset(this.#media.camera, await this.#profile(signal), preset, signal);
  }

  async focus(speed: number, signal: AbortSignal): Promise<void> {
    const source = await this.#media.videoSource(signal);
    await (speed === 0
      ? focusStop(this.#media.camera, source, signal)
      : focusMove(this.#media.camera, source, speed, signal));
  }

  async auxiliary(command: string, signal: AbortSignal): Promise<void> {
    const { auxiliaries } = await this.offers(signal);
    if (!auxiliaries.includes(command))
      throw new HubError('unsupported', `${this.#media.camera.host} is not bound to ${command}`);
    await auxiliary(this.#media.camera, await this.#profile(signal), command, signal);
  }

  #profile(signal: AbortSignal): Promise<string> {
    return this.#media.ptzProfile(signal);
  }

  async #look(signal: AbortSignal): Promise<TurningOffers> {
    const { commands } = this.#binding;
    const binds = (action: OnvifAction) => Object.values(commands).some((one) => one.action === action);
    const { profiles } = await this.#media.catalogue(signal);
    if (!profiles.some(({ hasPtz }) => hasPtz)) return nothing;
    const hasImaging = (await this.#media.camera.serviceAddress('imaging', signal)) !== undefined;
    const move = binds('ptz.continuousMove');
    const goes = binds('ptz.gotoPreset');
    return {
      move,
      presets: goes,
      // Who may turn it anywhere may also keep where that is.
      ...{ save: move && goes, remove: move && goes },
      focus: hasImaging && binds('imaging.focusMove'),
      auxiliaries: await this.#auxiliaries(signal),
    };
  }

  async #auxiliaries(signal: AbortSignal): Promise<string[]> {
    const bound = Object.values(this.#binding.commands)
      .filter(({ action }) => action === 'ptz.auxiliary')
      .flatMap((one) => (typeof one.with?.command === 'string' ? [one.with.command] : []));
    if (bound.length === 0) return [];
    try {
      const told = await auxiliaryCommands(this.#media.camera, signal);
      return told.length > 0 ? bound.filter((one) => told.includes(one)) : bound;
    } catch (error) {
      if (!isHubError(error, 'device_refused') && !isHubError(error, 'unsupported')) throw error;
      return bound;
    }
  }
}
