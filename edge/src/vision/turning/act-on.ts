import { HubError } from '@hallhub/shared';
import type { SteerAction } from '@hallhub/shared/vision';
import type { CameraTurning } from '../../ports/index.js';

export interface Acted {
  /** Its presets are others than before. */
  readonly hasOtherPresets?: boolean;
  /** Where that one was is not known any more. */
  readonly preset?: string;
}

/** Does what does not go on by itself. `leaves` is called before the camera is told to go elsewhere. Throws `unsupported`, and what the camera says. */
export const actOn = async (
  port: CameraTurning,
  action: SteerAction,
  signal: AbortSignal,
  leaves: () => void,
): Promise<Acted> => {
  const offers = await port.offers(signal);
  const need = (is: boolean, what: string) => {
    if (!is) throw new HubError('unsupported', `this camera does not offer: ${what}`);
  };
  switch (action.what) {
    case 'goto':
      need(offers.presets, 'presets');
      leaves();
      await port.goTo(action.preset, signal);
      return {};
    case 'save':
      need(offers.save, 'saving presets');
      return { hasOtherPresets: true, preset: await port.save(action, signal) };
    case 'remove':
      need(offers.remove, 'removing presets');
      await port.remove(action.preset, signal);
      return { hasOtherPresets: true, preset: action.preset };
    case 'auxiliary':
      await port.auxiliary(action.command, signal);
      return {};
    default:
      return {};
  }
};
